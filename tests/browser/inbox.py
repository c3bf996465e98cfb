"""The local inbox as a person reads it: in the browser."""

import time
from urllib.parse import quote

from playwright.sync_api import BrowserContext, Page

# Papers of other tests may be in front.
SECONDS_TO_ARRIVE = 60


class Inbox:
    """What was sent to one telephone or address, on a second tab."""

    def __init__(self, context: BrowserContext, *, portal: str, recipient: str) -> None:
        self.context = context
        self.address = f"{portal}/inbox/?to={quote(recipient)}"

    def pin(self, *, template: str, whom: str = "") -> str:
        """The newest PIN of a kind of message, or of that person's. Raises AssertionError if none came."""
        place = f"article:has-text('{template}'):has-text('{whom}') .inbox-pin"
        page = self._wait_for(place)
        pin = page.locator(place).first.inner_text().strip()
        page.close()
        return pin

    def text(self, *, template: str) -> str:
        """The newest message of a kind."""
        page = self._wait_for(f"article:has-text('{template}')")
        text = page.locator(f"article:has-text('{template}')").first.inner_text()
        page.close()
        return text

    def count(self, *, template: str) -> int:
        """How many messages of a kind there are."""
        page = self._open()
        found = page.locator(f"article:has-text('{template}')").count()
        page.close()
        return found

    def wait_for(self, *, template: str, count: int, whom: str = "") -> None:
        """Wait until so many messages of a kind, or of them about that person, have come. Raises AssertionError."""
        self._wait_for(f"article:has-text('{template}'):has-text('{whom}')", count).close()

    def attachments(self, *, template: str) -> dict[str, bytes]:
        """Name and content of the files of the newest e-mail of a kind."""
        page = self._wait_for(f"article:has-text('{template}') .inbox-attachments a")
        newest = page.locator(f"article:has-text('{template}')").first
        files = {}
        for link in newest.locator(".inbox-attachments a").all():
            answer = self.context.request.get(page.url.partition("/inbox/")[0] + (link.get_attribute("href") or ""))
            files[link.inner_text()] = answer.body()
        page.close()
        return files

    def _open(self) -> Page:
        page = self.context.new_page()
        page.goto(self.address)
        return page

    def _wait_for(self, place: str, count: int = 1) -> Page:
        page = self._open()
        deadline = time.monotonic() + SECONDS_TO_ARRIVE
        while page.locator(place).count() < count:
            assert time.monotonic() < deadline, f"nothing came: {page.locator('main').inner_text()}"
            time.sleep(0.3)
            page.reload()
        return page
