"""How much anybody may check (crs/tries.py)."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from certificates.checking.errors import TooManyChecks, TooManyNumbers
from crs import tries
from crs.tries import Limit, Try


def count_check(request: HttpRequest, *, now: datetime) -> None:
    """One more check from this network. Raises TooManyChecks."""
    rate = settings.CHECKS_PER_ADDRESS
    tries.refuse_too_many(request, what="certificates.check", rate=rate, now=now, refusal=TooManyChecks)


def count_file(request: HttpRequest, *, now: datetime) -> None:
    """One more file from this network. Raises TooManyChecks."""
    rate = settings.FILE_CHECKS_PER_ADDRESS
    tries.refuse_too_many(request, what="certificates.file", rate=rate, now=now, refusal=TooManyChecks)


def count_number(request: HttpRequest, *, number: str, now: datetime) -> Try:
    """One more check of this number, whether there is such a number or not. Raises TooManyNumbers."""
    rate = settings.EVIDENCE_CHECKS_PER_ADDRESS
    tries.refuse_too_many(request, what="certificates.number", rate=rate, now=now, refusal=TooManyNumbers)
    tried = tries.count(Limit.of("certificates.dates", settings.EVIDENCE_CHECKS_PER_NUMBER), number, now=now)
    if tried.is_over:
        raise TooManyNumbers
    return tried


def number_was_right(tried: Try) -> None:
    """It was no guess, so the limit of the number does not count it; that of the network does."""
    tries.take_back(tried)
