"""How late something is, in words."""

from datetime import timedelta

import pytest
from django.utils import translation

from support.desk import deadlines
from tests.factories import NOW


@pytest.mark.parametrize(
    ("late", "english", "czech"),
    [
        (timedelta(0), "LATE by 1 minute", "PO LHŮTĚ o\xa01\xa0minutu"),
        (timedelta(minutes=59, seconds=59), "LATE by 59 minutes", "PO LHŮTĚ o\xa059\xa0minut"),
        (timedelta(hours=1), "LATE by 1 hour", "PO LHŮTĚ o\xa01\xa0hodinu"),
        (timedelta(hours=3, minutes=50), "LATE by 3 hours", "PO LHŮTĚ o\xa03\xa0hodiny"),
        (timedelta(days=1), "LATE by 1 day", "PO LHŮTĚ o\xa01\xa0den"),
        (timedelta(days=400), "LATE by 400 days", "PO LHŮTĚ o\xa0400\xa0dní"),
    ],
)
def test_the_unit_is_bent_as_the_sentence_wants(late: timedelta, english: str, czech: str) -> None:
    with translation.override("en"):
        assert deadlines.until(NOW - late, now=NOW).words == english
    with translation.override("cs"):
        assert deadlines.until(NOW - late, now=NOW).words == czech
