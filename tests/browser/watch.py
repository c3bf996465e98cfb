"""Everything in a browser that must not happen, noticed while a test walks."""

from collections import Counter

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

SERVER_ERROR = 500


class Watch:
    """Listens to all pages of a context: foreign addresses, server errors, errors on the console (CSP too)."""

    def __init__(self, context: BrowserContext, *, origin: str) -> None:
        self.origin = origin
        self.found: list[str] = []
        # Answers that a test provokes; Chromium writes those of 400 and more to the console as well.
        self.expected: set[int] = set()
        # How often a form was sent to an address.
        self.sent: Counter[str] = Counter()
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("page", self._page)

    def assert_nothing_wrong(self) -> None:
        """Nothing but what the test expects has happened."""
        assert not self.found, "\n".join(self.found)

    def _page(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"script: {error} on {page.url}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:", "about:")):
            self.found.append(f"foreign address: {request.url}")
        if request.method == "POST":
            self.sent[request.url.removeprefix(self.origin)] += 1

    def _response(self, response: Response) -> None:
        if response.status >= SERVER_ERROR and response.status not in self.expected:
            self.found.append(f"{response.status}: {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status}" in message.text for status in self.expected)
        if message.type == "error" and not is_expected:
            self.found.append(f"console: {message.text} {message.location.get('url', '')}")
