"""Whether the pages behave while people use them: nothing foreign, nothing refused, no errors."""

from collections.abc import Collection
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

CONSOLE_FAULTS = ("error", "warning")
GIVEN_UP = "net::ERR_ABORTED"  # somebody went on before all pictures came, or saved a file
ANSWER_REFUSED = "Failed to load resource"  # told by `Response` with more sense


class Watch:
    """Listens to browser contexts and notes what must not happen in `faults`."""

    def __init__(self, hosts: Collection[str]) -> None:
        """Take the hosts (``name:port``) to which requests may go."""
        self.faults: list[str] = []
        self._hosts = frozenset(hosts)

    def follow(self, context: BrowserContext) -> None:
        """Listen to everything that happens in a browser context."""
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("requestfailed", self._failed)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def take_faults(self) -> list[str]:
        """Give the faults noted since they were last asked for."""
        faults, self.faults = self.faults, []
        return faults

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in self._hosts:
            self.faults.append(f"a request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        """A page may refuse a form or hide a letter; what a page is made of must be there."""
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status} for {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.faults.append(f"not loaded: {request.url} ({request.failure})")

    def _console(self, message: ConsoleMessage) -> None:
        """Chromium writes violations of the content security policy to the console too."""
        if message.type in CONSOLE_FAULTS and not message.text.startswith(ANSWER_REFUSED):
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")
