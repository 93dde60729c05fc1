"""The pages: server-rendered, thin (parse, call one function of a service, render), in Polish and English."""

from exchange.web.app import create_app
from exchange.web.settings import OidcSettings, WebSettings

__all__ = ["OidcSettings", "WebSettings", "create_app"]
