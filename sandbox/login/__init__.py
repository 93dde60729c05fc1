"""The sandbox's login: an OpenID Connect provider where one picks an invented person.

`memory` keeps codes and tokens, `provider` is the protocol (Authlib), `pages` the web pages.
"""

from sandbox.login.pages import create_login
from sandbox.login.provider import LoginSettings

__all__ = ["LoginSettings", "create_login"]
