"""Codes are issued in batches, and shown for a few minutes to whoever issued them (docs/adr/0040).

Only keyed hashes are kept. For those minutes the codes are computed anew from the seed of the batch, which stands in
the session of whoever issued them; two clicks of one form have one seed, so they lead to one batch and one file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs import sent_forms
from crs.keyed_hash import keyed_hash
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.codes import written
from registration.codes.errors import NoCodesForGroup
from registration.codes.using import code_hash
from registration.models import CodeBatch, GroupRule, PriorityGroup, RegistrationCode

SHOWN_FOR = timedelta(minutes=15)
MOST_CODES = MOST_USES = 2000
# So many codes more are computed than wanted: one that exists already is passed over.
_SPARE = 20


@dataclass(frozen=True)
class Issued:
    """A batch, and the seed from which its codes can be computed as long as somebody keeps it."""

    batch: CodeBatch
    seed: str


def groups_with_codes() -> QuerySet[PriorityGroup]:
    """The groups of which a rule asks for a code, now, earlier or later."""
    return PriorityGroup.objects.filter(rules__proof=GroupRule.Proof.CODE).distinct().order_by("code")


def issue(
    *,
    group: PriorityGroup,
    issued_to: str,
    codes: int,
    uses: int,
    valid_until: date | None,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> Issued:
    """Issue a batch of so many codes, each for so many people. Raises NoCodesForGroup, FormChanged.

    `valid_until` is the last day; None: no end.
    """
    seed = str(form.key or uuid4())

    def write() -> Outcome:
        if not groups_with_codes().filter(pk=group.pk).exists():
            raise NoCodesForGroup
        batch = CodeBatch.objects.create(
            group=group,
            issued_to=issued_to,
            issued_by=by,
            issued_at=now,
            valid_until=valid_until,
            key_hash=key_hash(key_of(seed)),
        )
        candidates = {code_hash(code): code for code in _candidates(seed, codes)}
        known = RegistrationCode.objects.filter(code_hash__in=candidates).values_list("code_hash", flat=True)
        for taken in set(known):
            del candidates[taken]
        RegistrationCode.objects.bulk_create(
            RegistrationCode(batch=batch, code_hash=kept, ending=code[-4:], allowed=uses)
            for kept, code in list(candidates.items())[:codes]
        )
        return {"batch": batch.pk}

    outcome = sent_forms.once(form, write) or {}
    return Issued(CodeBatch.objects.select_related("group").get(pk=outcome["batch"]), seed)


def codes_of(batch: CodeBatch, seed: str) -> list[str]:
    """The codes of the batch, computed from its seed; none where it is another seed."""
    kept = set(batch.codes.values_list("code_hash", flat=True))
    return [code for code in _candidates(seed, len(kept)) if code_hash(code) in kept]


def key_of(seed: str) -> str:
    """The key of the batch with this seed: it shows its holder the use."""
    return written.checked(int(keyed_hash("batch-key-of-seed", seed), 16), digits=written.KEY_DIGITS)


def key_hash(key: str) -> str:
    """What is kept of a key."""
    return keyed_hash("code-batch", key)


def _candidates(seed: str, codes: int) -> Iterator[str]:
    for position in range(codes + _SPARE):
        number = int(keyed_hash("code-of-seed", seed, str(position)), 16)
        yield written.checked(number, digits=written.CODE_DIGITS)
