"""A verdict as the page shows it."""

from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Self

from certificates.checking import content
from certificates.checking.content import Line
from certificates.checking.found import Found
from certificates.checking.verdict import Verdict


@dataclass(frozen=True)
class Shown:
    """The verdict, and what of the certificate may be shown: nothing where its signature is not right."""

    verdict: Verdict
    name: str = ""
    birth_date: str = ""
    kind: str = ""
    counts_from: str = ""
    signed_by: str = ""
    # The state that the code names as its issuer, where that is not the state of its signer.
    claims_to_be_of: str = ""
    entries: tuple[tuple[Line, ...], ...] = ()
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    page: int = 0
    pages: int = 0

    @classmethod
    def of(cls, verdict: Verdict, *, found: Found | None = None) -> Self:
        """In the language of the page; `found` tells where in a PDF of several pages it stood."""
        page, pages = (found.page, found.pages) if found else (0, 0)
        genuine = verdict.genuine
        if genuine is None:
            return cls(verdict, page=page, pages=pages)
        return cls(
            verdict,
            name=content.name(genuine.payload),
            birth_date=content.birth_date(genuine.payload),
            kind=content.kind(genuine),
            counts_from=content.counts_from(genuine) if verdict.is_genuine else "",
            signed_by=content.state(genuine.country),
            claims_to_be_of=content.other_state(genuine),
            issued_at=_in_our_calendar(genuine.issued_at),
            expires_at=_in_our_calendar(genuine.expires_at),
            entries=tuple(tuple(lines) for lines in content.entries(genuine)),
            page=page,
            pages=pages,
        )


def _in_our_calendar(moment: datetime | None) -> datetime | None:
    """The moment; nothing for one that stands for 'never' and, in our time, is beyond the calendar."""
    return moment if moment and moment.year < MAXYEAR else None
