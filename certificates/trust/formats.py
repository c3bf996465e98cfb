"""Reads trust lists as states, the EU gateway and we publish them, and certificates in files and folders."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from certificates.hcert.certificate_files import LONGEST_DER, ders_in, from_base64
from certificates.hcert.moments import moment_of
from certificates.trust.errors import TrustListRefused
from crs import saved_files

LONGEST_LIST = 32 * 1024 * 1024
MOST_FILES = 20_000
_DEEPEST = 6
# The names under which lists carry a certificate; `x5c` is a chain whose first one is meant.
_CARRIERS = ("rawData", "rawdata", "certificate", "cert", "der", "x5c")
_DATES = ("issued_at", "issuedAt", "date", "timestamp", "generated", "iat")
_COUNTRIES = ("country", "countryCode", "c")
_EXPIRIES = ("expires_at", "expiresAt", "exp", "nextUpdate")


@dataclass(frozen=True)
class Entry:
    """A certificate of a list, undecoded, with what the list says of it beside; `label` is what a person looks for."""

    label: str
    der: bytes
    country: str = ""
    kid: str = ""


@dataclass
class TrustList:
    """What a list holds; `problems` are those of its entries that cannot be read."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    is_signature_left: bool = False  # it carries one, which nobody has checked
    others: int = 0  # authorities and the like, which are no signers


def read_path(path: Path) -> TrustList:
    """The list in a file, or the certificates in a folder and those below it. Raises TrustListRefused."""
    try:
        if path.is_dir():
            return _read_folder(path)
        with path.open("rb") as file:
            data = file.read(LONGEST_LIST + 1)
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise TrustListRefused(f"{path} cannot be read: {error.strerror}.") from error
    found = read_data(data, path.name)
    found.issued_at = found.issued_at or modified
    return found


def read_data(data: bytes, name: str) -> TrustList:
    """The list in the bytes of a file. Raises TrustListRefused where they are none of the known formats."""
    if len(data) > LONGEST_LIST:
        raise TrustListRefused(f"{name} is larger than {LONGEST_LIST // 1024 // 1024} MB; that is no trust list.")
    try:
        data = saved_files.as_utf_8(data, name, longest=LONGEST_LIST)
    except saved_files.UnreadableFile as error:
        raise TrustListRefused(str(error)) from error
    ders = list(ders_in(data))
    if ders:
        return TrustList([Entry(f"{name}, certificate {number}", der) for number, der in enumerate(ders, start=1)])
    return _read_json(data, name)


def _read_folder(folder: Path) -> TrustList:
    found = TrustList()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    if len(files) > MOST_FILES:
        raise TrustListRefused(f"{folder} holds {len(files):,} files; that is no trust list.")
    for path in files:
        label = str(path.relative_to(folder))
        with path.open("rb") as file:
            ders = list(ders_in(file.read(64 * LONGEST_DER)))
        # A folder for each state is how many keep them.
        country = path.parent.name if re.fullmatch("[A-Z]{2}", path.parent.name) else ""
        found.entries += [Entry(label, der, country) for der in ders]
        if not ders:
            found.problems.append(f"{label}: no certificate in it")
    newest = max((path.stat().st_mtime for path in files), default=None)
    found.issued_at = None if newest is None else datetime.fromtimestamp(newest, UTC)
    return found


def _read_json(data: bytes, name: str) -> TrustList:
    """A list in JSON; before it may stand its signature, alone in the first line, as one state publishes it."""
    first, _, rest = data.partition(b"\n")
    is_signed = rest.lstrip()[:1] in {b"{", b"["} and bool(from_base64(first))
    if is_signed:
        data = rest
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        words = saved_files.what_else(data)
        raise TrustListRefused(
            f"{name} {words}."
            if words
            else f"{name} is no trust list: neither JSON nor certificates in PEM or DER ({type(error).__name__})."
        ) from error
    found = TrustList(is_signature_left=is_signed)
    if isinstance(content, dict):
        found.issued_at = _first_moment(content, _DATES)
        found.expires_at = _first_moment(content, _EXPIRIES)
    for where, country, entry in _entries(content, "", "", 0):
        _take(found, where, country, entry)
    return found


def _entries(content: Any, where: str, country: str, depth: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every object that carries a certificate, where it stands, and the state under whose name it stands."""
    if depth > _DEEPEST:
        return
    if isinstance(content, list):
        for number, one in enumerate(content, start=1):
            yield from _entries(one, f"{where} entry {number}".strip(), country, depth + 1)
    elif isinstance(content, dict):
        if any(name in content for name in (*_CARRIERS, "publicKey")):
            yield where or "the list", country, content
            return
        for name, one in content.items():
            # A list may be an object with a kid for each certificate.
            if isinstance(one, str) and one.startswith(("MI", "-----BEGIN")):
                yield name, country, {"kid": name, "certificate": one}
            else:
                below = name if re.fullmatch("[A-Z]{2}", name) else country
                yield from _entries(one, f"{where} {name}".strip(), below, depth + 1)


def _take(found: TrustList, where: str, country: str, entry: dict[str, Any]) -> None:
    kind = entry.get("certificateType", "DSC")
    if kind != "DSC" or entry.get("is_authority") is True:
        found.others += 1
        return
    kid = str(entry.get("kid") or "")
    label = f"{where} ({kid})" if kid and kid != where else where
    carried = next((entry[name] for name in _CARRIERS if entry.get(name)), None)
    if isinstance(carried, list):
        carried = carried[0] if carried else None
    if not isinstance(carried, str):
        found.problems.append(f"{label}: no certificate, only a key or nothing")
        return
    der = next(ders_in(carried.encode()), None)
    if der is None:
        found.problems.append(f"{label}: the certificate is not base64, PEM or DER")
        return
    stated = next((str(entry[name]) for name in _COUNTRIES if entry.get(name)), country)
    found.entries.append(Entry(label, der, stated.strip().upper(), kid))


def _first_moment(content: dict[str, Any], names: tuple[str, ...]) -> datetime | None:
    return next((moment for name in names if (moment := moment_of(content.get(name)))), None)
