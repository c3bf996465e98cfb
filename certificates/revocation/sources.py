"""Where lists of other states' revocations come from: a gateway, a folder of its answers, or one batch."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from certificates.revocation import batches
from certificates.revocation.batches import BATCH_ID, Broken, Listed
from certificates.revocation.publication import written
from certificates.trust.reader import Reader, TooLong, Unread
from crs import saved_files

BEGINNING = datetime(2021, 6, 1, tzinfo=UTC)
MOST_PAGES = 1_000
SECONDS_TO_CONNECT, SECONDS_BETWEEN_BYTES, SECONDS_OF_AN_ANSWER = 5.0, 20.0, 60.0
_SUFFIXES = ("", ".json", ".cms", ".b64", ".txt", ".der", ".pem")
# Folders are often named by their days, and a list that is read from another one each day has one age.
FILES = "files"
_OK, _NO_CONTENT, _GONE = 200, 204, 410
_REFUSING, _FAILING = (401, 403, 429), 500


class Unreachable(Exception):
    """A source does not answer, or not in the form of a gateway; the text says what it did."""


class Gone(Exception):
    """The batch was deleted since it was listed."""


class Source(Protocol):
    """Lists batches and hands them out."""

    name: str  # readings of it are kept under it

    def listed(self) -> Iterator[Listed]:
        """All batches, the deleted ones too. Raises Unreachable and Broken."""

    def batch(self, batch_id: str) -> bytes:
        """A batch as it came. Raises Gone, Unreachable and Broken."""

    def dated(self, now: datetime) -> datetime:
        """The moment of which the list tells, once it was read."""


class Folder:
    """A folder with answers of a gateway: pages of the list (any name, .json) and batches named by their batchId.

    Without a page of a list each file in it is a batch.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = FILES
        self._files = {file.name: file for file in sorted(path.iterdir()) if file.is_file()}
        self._newest = 0.0

    def listed(self) -> Iterator[Listed]:
        """The batches of all pages, or else all files."""
        pages = [page for file in self._files.values() if (page := self._page(file)) is not None]
        for page in pages:
            yield from page.batches
        if not pages:
            for file in self._files.values():
                yield _unlisted(file)
                self._newest = max(self._newest, file.stat().st_mtime)

    def batch(self, batch_id: str) -> bytes:
        """The file of that name."""
        for suffix in _SUFFIXES:
            if (file := self._files.get(batch_id + suffix)) is not None:
                return _content(file, batches.LONGEST_BATCH)
        raise Broken("There is no file of this batch in the folder.")

    def dated(self, now: datetime) -> datetime:
        """When its newest file was saved."""
        return min(now, datetime.fromtimestamp(self._newest, UTC)) if self._newest else now

    def _page(self, file: Path) -> batches.Page | None:
        """A page of a list; None for a batch, and for what is neither."""
        if file.suffix.lower() != ".json":
            return None
        data = _content(file, batches.LONGEST_LIST)
        if b'"batches"' not in data:
            return None
        try:
            page = batches.page(data)
        except Broken as error:
            raise Broken(f"{file.name}: {error}") from error
        self._newest = max(self._newest, file.stat().st_mtime)
        return page


class OneFile:
    """A file with one batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = FILES

    def listed(self) -> Iterator[Listed]:
        """The one."""
        yield _unlisted(self._path)

    def batch(self, batch_id: str) -> bytes:
        """The file."""
        data = _content(self._path, batches.LONGEST_BATCH)
        if b'"batches"' in data:
            raise Broken("This is a list of batches. Name the folder that holds it and its batches.")
        return data

    def dated(self, now: datetime) -> datetime:
        """When it was saved."""
        return min(now, datetime.fromtimestamp(self._path.stat().st_mtime, UTC))


class Gateway:
    """A gateway, or whoever speaks as it does, at an address that ends before `/{batchId}`."""

    def __init__(self, address: str) -> None:
        self.name = self._address = address.rstrip("/")
        self._reader = Reader(seconds_to_connect=SECONDS_TO_CONNECT, seconds_between_bytes=SECONDS_BETWEEN_BYTES)

    def listed(self) -> Iterator[Listed]:
        """All pages from the beginning, so a batch that was broken last time is tried again."""
        since = BEGINNING
        for _page in range(MOST_PAGES):
            status, data = self._get(self._address, since=since, longest=batches.LONGEST_LIST)
            if status == _NO_CONTENT:
                return
            if status != _OK:
                raise Unreachable(f"{self._address} answered {status}.")
            page = batches.page(data)
            yield from page.batches
            last = max((one.date for one in page.batches), default=since)
            if not page.is_more:
                return
            if last <= since:
                raise Broken("The list says that there is more, but gets no further.")
            since = last
        raise Broken(f"The list has more than {MOST_PAGES:,} pages.")

    def batch(self, batch_id: str) -> bytes:
        """The answer for the batch."""
        status, data = self._get(f"{self._address}/{batch_id}", longest=batches.LONGEST_BATCH)
        if status == _GONE:
            raise Gone
        if status in _REFUSING or status >= _FAILING:
            # Not the fault of one batch: the others would be answered so, too.
            raise Unreachable(f"{self._address} answered {status} for the batch {batch_id}.")
        if status != _OK:
            raise Broken(f"The gateway answered {status} for it.")
        return data

    def dated(self, now: datetime) -> datetime:
        """It tells of the moment at which it was asked."""
        return now

    def _get(self, address: str, *, longest: int, since: datetime | None = None) -> tuple[int, bytes]:
        headers = {"If-Modified-Since": written(since)} if since else {}
        try:
            answer = self._reader.get(address, longest=longest, seconds=SECONDS_OF_AN_ANSWER, headers=headers)
        except TooLong as error:
            raise Broken(str(error)) from error
        except Unread as error:
            raise Unreachable(str(error)) from error
        return answer.status, answer.body


def _unlisted(file: Path) -> Listed:
    saved_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if not BATCH_ID.fullmatch(file.stem):
        raise Broken(f"{file.name}: a file of a batch is named by its batchId (letters, digits, - and _).")
    return Listed(file.stem, "", saved_at, is_deleted=False)


def _content(file: Path, longest: int) -> bytes:
    """Up to one byte more than may be, which whoever reads it refuses."""
    try:
        with file.open("rb") as opened:
            return saved_files.as_utf_8(opened.read(longest + 1), file.name, longest=longest)
    except OSError as error:
        raise Broken(f"{file.name} cannot be read: {error.strerror}.") from error
    except saved_files.UnreadableFile as error:
        raise Broken(str(error)) from error
