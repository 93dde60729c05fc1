"""The pages: server-rendered and thin (parse, call one function, render), Polish and English."""

from exchange.web.app import create_app
from exchange.web.settings import OidcSettings, WebSettings

__all__ = ["OidcSettings", "WebSettings", "create_app"]
