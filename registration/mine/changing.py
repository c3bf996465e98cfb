"""Changes that a proven telephone makes: sites, the home, the telephone itself, reasons, leaving and coming back.

Each act takes an `Entry` and finds out under the lock of its row whether the telephone still has it. What a claim to a
registration of another telephone says is changed in the claim; the registration that stands is not touched by it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from crs import history, sent_forms
from crs.advisory_locks import Lock, take_all
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.states import CZECHIA
from logistics.models import District, VaccinationSite
from registration.applying import deciding, ending, line_requests, registering
from registration.applying.errors import AlreadyEnded, CannotComeBack, HomeIsAbroad, NotEnded, NotYours
from registration.codes import using
from registration.codes.using import CodeTry
from registration.groups.errors import ClaimDisputed
from registration.groups.rules import rules_at
from registration.mine.entries import Entry
from registration.mine.errors import AskTheLine, ReasonIsRefused, ReasonStands, SamePhone, TelephoneIsFull
from registration.models import Person, PriorityClaim, PriorityGroup, Registration, RegistrationClaim
from registration.operations import Operation
from registration.people import statements, telling
from registration.people.statements import Statements
from registration.registers import checking, voiding


def change_sites(*, entry: Entry, sites: Sequence[VaccinationSite], form: Sending = NO_FORM) -> None:
    """Keep the sites that suit the person. Raises NotYours, AlreadyEnded, FormChanged."""

    def write() -> Outcome:
        if entry.claim:
            retype(entry, sites=[str(site.pk) for site in sites])
        else:
            locked(entry).preferred_sites.set(sites)
        return {}

    _do(Operation.CHANGE_SITES, write, form)


def change_home(
    *,
    entry: Entry,
    address: dict[str, str],
    is_immobile: bool,
    home_district: District | None,
    form: Sending = NO_FORM,
) -> None:
    """Keep where the person lives (`address.ADDRESS`), and whether somebody has to come there.

    Raises HomeIsAbroad, NotYours, AlreadyEnded, FormChanged.
    """
    if is_immobile and address["country"] != CZECHIA:
        raise HomeIsAbroad

    def write() -> Outcome:
        if entry.claim:
            retype(entry, **address, home_district=home_district.pk if home_district else "")
            return {}
        person = Person.objects.select_for_update(no_key=True).get(pk=entry.registration.person_id)
        registration = locked(entry)
        if any(getattr(person, name) != value for name, value in address.items()):
            Person.objects.filter(pk=person.pk).update(**address)
        before = (registration.is_immobile, registration.home_district_id)
        if before != (is_immobile, home_district and home_district.pk):
            # Whoever moved, or cannot come after all, is handed over anew.
            changes = {"is_immobile": is_immobile, "home_district": home_district, "handed_over_at": None}
            Registration.objects.filter(pk=registration.pk).update(**changes)
        return {}

    _do(Operation.CORRECT_CONTACT, write, form)


def change_phone(*, entry: Entry, phone: str, now: datetime, form: Sending = NO_FORM) -> None:
    """Give the registration to `phone` (E.164), which has been proven; the one before is told.

    What `phone` had claimed of this person before is settled by it. Raises SamePhone, TelephoneIsFull, NotYours,
    AlreadyEnded, FormChanged.
    """
    if phone == entry.phone:
        raise SamePhone

    def write() -> Outcome:
        # As when somebody registers: telephones before the person.
        take_all(Lock.REGISTRATIONS_OF_A_PHONE, [entry.phone, phone])
        person_id = (entry.claim or entry.registration).person_id
        Person.objects.select_for_update(no_key=True).get(pk=person_id)
        if registering.is_full(phone, now=now):
            raise TelephoneIsFull
        settled = Q(person=person_id, phone=phone, resolved_at=None)
        if entry.claim:
            claim = locked_claim(entry)
            if RegistrationClaim.objects.filter(settled).exists() or _has_registration(phone, person_id):
                kept = RegistrationClaim.Decision.KEPT
                RegistrationClaim.objects.filter(pk=claim.pk).update(decision=kept, resolved_at=now)
                using.give_back_spent(claim)
            else:
                RegistrationClaim.objects.filter(pk=claim.pk).update(phone=phone)
        else:
            registration = locked(entry)
            Registration.objects.filter(pk=registration.pk).update(phone=phone, by_letter=False)
            for claim in RegistrationClaim.objects.filter(settled).select_for_update(no_key=True).order_by("pk"):
                moved = RegistrationClaim.Decision.MOVED
                RegistrationClaim.objects.filter(pk=claim.pk).update(decision=moved, resolved_at=now)
                deciding.take_over_reasons(registration, claim, now=now)
        before = entry.reach
        telling.tell(before, "registration/phone_changed", {"number": entry.registration.number})
        return {}

    _do(Operation.CHANGE_PHONE, write, form)


def add_reason(*, entry: Entry, group: PriorityGroup, code: str = "", now: datetime, form: Sending = NO_FORM) -> None:
    """Say that the person belongs to `group`, with a `code` that proves it ("": proven in another way).

    What staff refused counts again only with a code. Raises AskTheLine where no register can know the person,
    ReasonIsRefused, ReasonStands, what `codes.using` raises, NotYours, AlreadyEnded, FormChanged.
    """
    if not code and line_requests.is_for_the_line(entry.person.insured_number or "", group, rules_at(now)):
        raise AskTheLine
    with using.counted_try(text=code, phone=entry.phone, now=now) as code_try:
        _do(Operation.CHANGE_CLAIM, partial(_add_reason, entry, group, code_try, now), form)


def withdraw_reason(*, entry: Entry, group: PriorityGroup, form: Sending = NO_FORM) -> None:
    """Take back that the person belongs to `group`; a code is free again. Nothing where it was taken back before.

    Raises ClaimDisputed where staff look into it, NotYours, AlreadyEnded, FormChanged.
    """

    def write() -> Outcome:
        if entry.claim:
            claimed = locked_claim(entry)
            using.give_back_spent(claimed, group=group)
            kept = [code for code in Statements.of(claimed).reasons if code != group.pk]
            statements.change(claimed, reasons=kept)
            return {}
        standing = PriorityClaim.objects.standing().filter(registration=locked(entry), group=group)
        for claim in standing.select_for_update(no_key=True):
            # Taken back and added anew it would count, before people have decided.
            if claim.state == PriorityClaim.State.DISPUTED:
                raise ClaimDisputed(group)
            using.give_back(claim)
            PriorityClaim.objects.filter(pk=claim.pk).update(state=PriorityClaim.State.WITHDRAWN)
            voiding.void(registration=entry.registration, claim=claim)
        return {}

    _do(Operation.CHANGE_CLAIM, write, form)


def leave(*, entry: Entry, now: datetime, form: Sending = NO_FORM) -> None:
    """Leave the campaign. Raises NotYours, FormChanged and what `ending.end` does."""
    claim = entry.claim

    def write() -> Outcome:
        if claim is None:
            Person.objects.select_for_update(no_key=True).get(pk=entry.registration.person_id)
            ending.end(registration=locked(entry), ending=Registration.Ending.LEFT, now=now)
            return {}
        withdrawn = RegistrationClaim.Decision.WITHDRAWN
        open_ones = RegistrationClaim.objects.filter(pk=claim.pk, resolved_at=None)
        if not open_ones.update(decision=withdrawn, resolved_at=now):
            raise AlreadyEnded
        using.give_back_spent(claim)
        telling.tell(
            entry.reach,
            "registration/ended",
            {"number": entry.registration.number, "ending": Registration.Ending.LEFT.value, "gave_back": False},
        )
        return {}

    _do(Operation.LEAVE, write, form)


def come_back(*, entry: Entry, now: datetime, form: Sending = NO_FORM) -> None:
    """Come back after leaving. Raises what `ending.reopen` does; CannotComeBack where the telephone claimed anew."""
    claim = entry.claim
    if claim is None:
        ending.reopen(registration=entry.registration, now=now, form=form)
        return

    def write() -> Outcome:
        # Whoever registers or claims the person waits at the row, so that nobody comes to have two.
        Person.objects.select_for_update(no_key=True).get(pk=claim.person_id)
        withdrawn = RegistrationClaim.Decision.WITHDRAWN
        if not RegistrationClaim.objects.filter(pk=claim.pk, decision=withdrawn).update(decision="", resolved_at=None):
            raise NotEnded
        others = RegistrationClaim.objects.filter(person=claim.person_id, phone=entry.phone, resolved_at=None)
        if others.exclude(pk=claim.pk).exists() or _has_registration(entry.phone, claim.person_id):
            raise CannotComeBack
        telling.tell(
            entry.reach,
            "registration/reopened",
            {"number": entry.registration.number, "cannot_come": entry.registration.is_immobile},
        )
        return {}

    _do(Operation.COME_BACK, write, form)


def locked(entry: Entry) -> Registration:
    """The registration, locked. Raises NotYours, AlreadyEnded."""
    found = Registration.objects.select_for_update(no_key=True)
    registration = found.filter(pk=entry.registration.pk, phone=entry.phone).first()
    if registration is None:
        raise NotYours
    if registration.state == Registration.State.CANCELLED:
        raise AlreadyEnded
    return registration


def locked_claim(entry: Entry) -> RegistrationClaim:
    """The claim, locked. Raises NotYours, AlreadyEnded."""
    assert entry.claim is not None  # noqa: S101
    found = RegistrationClaim.objects.select_for_update(no_key=True)
    claim = found.filter(pk=entry.claim.pk, phone=entry.phone).first()
    if claim is None:
        raise NotYours
    if claim.resolved_at is not None:
        raise AlreadyEnded
    return claim


def retype(entry: Entry, **values: Any) -> None:
    """Change what a claim says. Raises NotYours, AlreadyEnded."""
    statements.change(locked_claim(entry), **values)


def _do(operation: Operation, write: Callable[[], Outcome], form: Sending) -> None:
    with history.recording(operation):
        sent_forms.once(form, write)


def _add_reason(entry: Entry, group: PriorityGroup, code_try: CodeTry | None, now: datetime) -> Outcome:
    if entry.claim:
        claim = locked_claim(entry)
        reasons = Statements.of(claim).reasons
        if group.pk in reasons and code_try is None:
            raise ReasonStands
        if code_try is not None:
            using.spend(code_try=code_try, claim=claim, group=group, now=now)
        if group.pk not in reasons:
            statements.change(claim, reasons=[*reasons, group.pk])
        return {}
    registration = locked(entry)
    # A claim that waits for its proof may get the code now.
    standing = PriorityClaim.objects.standing().filter(registration=registration, group=group).first()
    if standing is not None and code_try is None:
        raise ReasonStands
    mine = PriorityClaim.objects.filter(registration=registration, group=group)
    if standing is None and code_try is None and mine.filter(state=PriorityClaim.State.REFUSED).exists():
        raise ReasonIsRefused
    reason = standing or PriorityClaim.objects.create(registration=registration, group=group, made_at=now)
    if code_try is not None:
        using.use(code_try=code_try, claim=reason, now=now)
    else:
        checking.want(registration=registration, claim=reason, now=now)
    return {}


def _has_registration(phone: str, person_id: int) -> bool:
    return Registration.objects.standing().filter(person=person_id, phone=phone).exists()
