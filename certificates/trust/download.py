"""Fetches a trust list by https: with a limit to its size and its time, never by another way than the address says."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from certificates.hcert.certificate_files import LONGEST_DER, from_base64
from certificates.hcert.moments import moment_in
from certificates.trust.errors import TrustListRefused
from certificates.trust.formats import LONGEST_LIST, MOST_FILES, Entry, TrustList, read_data
from certificates.trust.reader import Answer, Reader, Unread

# To connect, and between two parts of the answer; then for all of it.
TIMEOUTS = (10, 30)
LONGEST_SECONDS = 600.0
_UPDATE, _STATUS = "/signercertificateUpdate", "/signercertificateStatus"


def fetch_list(url: str, *, progress: Callable[[str, int], None]) -> TrustList:
    """The list at `url`; one that ends in `/signercertificateUpdate` is asked certificate by certificate.

    Raises TrustListRefused for an address without https, an answer that is none, too long or too slow, and a redirect.
    """
    address = urlsplit(url)
    if address.scheme != "https" or not address.hostname:
        raise TrustListRefused(f"{url} is not read: a trust list comes by https or from a file.")
    reader = _Reader()
    if address.path.endswith(_UPDATE):
        return _of_verifier_service(reader, url.removesuffix(_UPDATE), progress)
    answer = reader.get(url, LONGEST_LIST)
    found = read_data(answer.body, url)
    found.issued_at = found.issued_at or moment_in(answer.headers.get("Last-Modified", ""))
    return found


def _of_verifier_service(reader: "_Reader", base: str, progress: Callable[[str, int], None]) -> TrustList:
    """All certificates of a service such as the EU's verifiers ask, without those that it does not call valid."""
    found, token = TrustList(issued_at=datetime.now(UTC)), ""
    while len(found.entries) < MOST_FILES:
        answer = reader.get(base + _UPDATE, 2 * LONGEST_DER, {"X-RESUME-TOKEN": token} if token else {})
        if answer.status == 204:
            break
        der, kid = from_base64(answer.body), answer.headers.get("X-KID", "")
        next_token = answer.headers.get("X-RESUME-TOKEN", "")
        if not next_token or next_token == token:
            raise TrustListRefused(
                f"{base} does not go on: it sent no new X-RESUME-TOKEN after {token or 'the start'}."
            )
        token = next_token
        if der is None:
            found.problems.append(f"entry {token} ({kid}): not base64")
        else:
            found.entries.append(Entry(f"entry {token} ({kid})", der, kid=kid))
        progress("certificates fetched", len(found.entries))
    valid = set(_kids(reader.get(base + _STATUS, LONGEST_LIST).body, base))
    found.others = sum(entry.kid not in valid for entry in found.entries)
    found.entries = [entry for entry in found.entries if entry.kid in valid]
    return found


def _kids(data: bytes, base: str) -> list[str]:
    try:
        kids = json.loads(data)
    except ValueError as error:
        raise TrustListRefused(f"{base}{_STATUS} is no list of kids.") from error
    if not isinstance(kids, list):
        raise TrustListRefused(f"{base}{_STATUS} is no list of kids.")
    return [str(kid) for kid in kids]


class _Reader:
    """One connection, and one limit to the time of all that it reads."""

    def __init__(self) -> None:
        self._reader = Reader(seconds_to_connect=TIMEOUTS[0], seconds_between_bytes=TIMEOUTS[1])
        self._until = time.monotonic() + LONGEST_SECONDS

    def get(self, url: str, longest: int, headers: dict[str, str] | None = None) -> Answer:
        """An answer with the status 200 or 204. Raises TrustListRefused."""
        try:
            answer = self._reader.get(url, longest=longest, seconds=self._until - time.monotonic(), headers=headers)
        except Unread as error:
            raise TrustListRefused(str(error)) from error
        if answer.status not in {200, 204}:
            more = f" to {answer.headers['Location']}; give that" if "Location" in answer.headers else ""
            raise TrustListRefused(f"{url} answers {answer.status}{more}.")
        return answer
