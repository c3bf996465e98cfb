"""A form that acts is acted on once, however often it is sent (docs/adr/0011-pressed-twice.md).

The page shows the form with a random key, `{% form_key %}`. Its operation runs in `once`, which claims
the key in the operation's own transaction. A second sending of the form waits at that row until the
first one has committed, and is then led to the outcome of the first:

    def register(*, ..., form: Sending) -> str:
        return sent_forms.once(form, partial(_register, ...))["number"]
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from crs.errors import FormChanged
from crs.keyed_hash import keyed_hash
from crs.models import SentForm
from crs.plain_sql import execute

FIELD = "form_key"
_NOT_TYPED = {FIELD, "csrfmiddlewaretoken"}
# How long a form's transaction waits for a lock: the second of two clicks should see the first one's outcome, not
# 'try again in a moment'.
PATIENCE = "4s"
_KEEP = "UPDATE crs_sentform SET outcome = %(outcome)s WHERE key = %(key)s"
# A page that was left open over a weekend and is sent once more still finds its first sending.
KEPT_FOR = timedelta(days=7)

Outcome = dict[str, Any]


@dataclass(frozen=True)
class Sending:
    """A form as it was sent: the key of its page, and a keyed hash of the address and all that was typed."""

    key: UUID | None
    contents: str


# For operations that no page calls: each call acts.
NO_FORM = Sending(None, "")


def sending(request: HttpRequest) -> Sending:
    """The form in `request`. Without a key, or with one that no page of ours wrote, each sending acts."""
    typed = [(name, values) for name, values in sorted(request.POST.lists()) if name not in _NOT_TYPED]
    try:
        key = UUID(request.POST.get(FIELD, ""))
    except ValueError:
        key = None
    return Sending(key, keyed_hash("sent-form", request.get_full_path(), json.dumps(typed)))


def once(form: Sending, operation: Callable[[], Outcome | None]) -> Outcome | None:
    """Run `operation` in a transaction that claims the key of `form`; returns the outcome of the first sending.

    An outcome is anything that JSON holds. `operation` returns None where it did nothing that must happen only once (a
    wrong captcha): it commits, and the key stays free. What `operation` raises undoes everything, the claim too. Raises
    FormChanged where the key came before with other contents.
    """
    with transaction.atomic():
        if form.key is None:
            return operation()
        if not _claim(form.key, form.contents):
            return _first_outcome(form.key, form.contents)
        outcome = operation()
        if outcome is None:
            SentForm.objects.filter(pk=form.key).delete()
        elif outcome:
            execute(_KEEP, {"key": form.key, "outcome": json.dumps(outcome)})
        return outcome


def forget_old(*, now: datetime) -> int:
    """Delete the keys of forms sent more than a week ago; returns how many."""
    return SentForm.objects.filter(sent_at__lt=now - KEPT_FOR).delete()[0]


def _claim(key: UUID, contents: str) -> bool:
    """Whether the key is ours now.

    PostgreSQL lets the INSERT of the second wait for the transaction of the first: after its commit the
    second inserts nothing, after its rollback the second takes the key. `PATIENCE` holds until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO crs_sentform (key, contents, outcome, sent_at) SELECT %s, %s, '{}', %s "
            "FROM set_config('lock_timeout', %s, true) ON CONFLICT (key) DO NOTHING",
            [key, contents, timezone.now(), PATIENCE],
        )
        return cursor.rowcount == 1


def _first_outcome(key: UUID, contents: str) -> Outcome:
    first = SentForm.objects.get(pk=key)
    if first.contents != contents:
        raise FormChanged
    outcome: Outcome = first.outcome
    return outcome
