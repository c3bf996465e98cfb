"""Fetches a trust list by https: with a limit to its size and its time, never by another way than the address says."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import requests

from certificates.hcert.certificate_files import LONGEST_DER, from_base64
from certificates.trust.errors import TrustListRefused
from certificates.trust.formats import LONGEST_LIST, MOST_FILES, Entry, TrustList, read_data

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
    data, headers, _status = reader.get(url, LONGEST_LIST)
    found = read_data(data, url)
    found.issued_at = found.issued_at or _moment(headers.get("Last-Modified"))
    return found


def _of_verifier_service(reader: "_Reader", base: str, progress: Callable[[str, int], None]) -> TrustList:
    """All certificates of a service such as the EU's verifiers ask, without those that it does not call valid."""
    found, token = TrustList(issued_at=datetime.now(UTC)), ""
    while len(found.entries) < MOST_FILES:
        data, headers, status = reader.get(base + _UPDATE, 2 * LONGEST_DER, {"X-RESUME-TOKEN": token} if token else {})
        if status == 204:
            break
        der, kid, next_token = from_base64(data), headers.get("X-KID", ""), headers.get("X-RESUME-TOKEN", "")
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
    data, _headers, _status = reader.get(base + _STATUS, LONGEST_LIST)
    valid = set(_kids(data, base))
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
        self._session = requests.Session()
        self._until = time.monotonic() + LONGEST_SECONDS

    def get(
        self, url: str, longest: int, headers: dict[str, str] | None = None
    ) -> tuple[bytes, "requests.structures.CaseInsensitiveDict[str]", int]:
        """The body, the headers and the status 200 or 204. Raises TrustListRefused."""
        try:
            with self._session.get(
                url, headers=headers, timeout=TIMEOUTS, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code in {200, 204}:
                    return self._body(answer, longest), answer.headers, answer.status_code
                more = f" to {answer.headers['Location']}; give that" if answer.is_redirect else ""
        except TrustListRefused:
            raise
        except Exception as error:  # of requests, and of what lies below it
            raise TrustListRefused(f"{url} cannot be read: {error}") from error
        raise TrustListRefused(f"{url} answers {answer.status_code}{more}.")

    def _body(self, answer: requests.Response, longest: int) -> bytes:
        body = bytearray()
        # By what has come, not by full parts: a server that sends a byte now and then must not hold us for hours.
        while part := answer.raw.read1(64 * 1024, decode_content=True):
            body += part
            if len(body) > longest:
                raise TrustListRefused(f"{answer.url} sends more than {longest:,} bytes; that is no trust list.")
            if time.monotonic() > self._until:
                raise TrustListRefused(f"{answer.url} takes longer than {LONGEST_SECONDS:.0f} seconds.")
        return bytes(body)


def _moment(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
