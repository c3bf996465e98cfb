"""A claim to a registration of another telephone looks and answers like a registration, whatever is done with it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from crs.messaging.models import Message
from crs.models import Tries
from logistics.models import District, VaccinationSite
from registration.applying.creating import Guardian
from registration.applying.registering import Details, register
from registration.codes import overview, revoking
from registration.codes.written import checked
from registration.errors import RegistrationError
from registration.mine import changing, email
from registration.mine.entries import Entry
from registration.models import CodeBatch, PriorityGroup, Registration, RegistrationClaim, RegistrationCode
from registration.people.insured_number import parse
from reservation import waiting_summary
from tests.cast import MARIE, TODAY
from tests.factories import make_account, make_codes, make_site
from tests.pages import text_of
from tests.registration.conftest import texts_to
from tests.registration.mine.conftest import Open, entry_of, page

pytestmark = pytest.mark.django_db
REGISTERED, CLAIMED, NEW = "+420777111222", "+420777333444", "+420777555666"
WITH_CODE, BY_REGISTER, FREE = "school-staff", "health-workers", "carers"
PAGES = ("my_registration", "my_data", "my_data_file")
FORMS = ("my_sites", "my_home", "my_reason", "my_leaving")
WRONG = checked(4242, digits=12)


class Twin:
    """What one telephone has, and what it is told."""

    def __init__(self, phone: str, details: Details, codes: list[str], batch: CodeBatch) -> None:
        self.phone, self.details, self.codes, self.batch = phone, details, codes, batch
        self.now = timezone.now()
        self.made = self.register()

    def register(self) -> Registration | RegistrationClaim:
        """Send the form."""
        made = register(phone=self.phone, details=self.details, language="en", now=self.now)
        assert isinstance(made, Registration | RegistrationClaim)
        return made

    @property
    def entry(self) -> Entry:
        """As its telephone sees it now."""
        return entry_of(self.made)

    def add(self, group: str, code: str = "") -> None:
        """Add a reason."""
        changing.add_reason(entry=self.entry, group=PriorityGroup.objects.get(pk=group), code=code, now=self.now)

    def withdraw(self, group: str) -> None:
        """Take a reason back."""
        changing.withdraw_reason(entry=self.entry, group=PriorityGroup.objects.get(pk=group))

    def leave(self) -> None:
        """Leave the campaign."""
        changing.leave(entry=self.entry, now=self.now)

    def come_back(self) -> None:
        """Come back after leaving."""
        changing.come_back(entry=self.entry, now=self.now)

    def shown(self, open_with: Open, names: tuple[str, ...]) -> list[str]:
        """All that the telephone can read, without what every registration has of its own."""
        client = open_with(self.phone)
        answers = [client.get(page(name, self.made)) for name in names]
        read = [text_of(client.get("/moje/registrace/"))]
        read += [text_of(one) if "html" in one.headers["Content-Type"] else one.content.decode() for one in answers]
        told = Message.objects.filter(recipient__in=[self.phone, NEW]).order_by("pk")
        read += [f"{one.channel} {one.template} {one.language} {one.text}" for one in told]
        return [self._alike(text) for text in read]

    def used(self) -> tuple[Any, ...]:
        """What the holder of the codes reads, and the tries that count."""
        use = overview.use_of(self.batch, today=timezone.localdate())
        return use.used, use.by_day, tuple(Tries.objects.values_list("count", flat=True))

    def _alike(self, text: str) -> str:
        numbers = r"\+?(\b420[ \xa0]?)?\b\d{3}[ \xa0-]?\d{3}[ \xa0-]?\d{3}\b|•+\d{3}"
        return re.sub(numbers, "OWN", text).replace(self.entry.key, "KEY")


def _immobile(twin: Twin) -> None:
    address = {"street": "Nová 5", "city": "Brno", "postcode": "60200"}
    district = District.objects.get(pk="CZ0642")
    changing.change_home(entry=twin.entry, address=address, is_immobile=True, home_district=district)


def _sites(twin: Twin) -> None:
    changing.change_sites(entry=twin.entry, sites=[make_site("Jinde", "CZ0201"), make_site("Nikde", district_id=None)])


def _email(twin: Twin) -> None:
    email.ask(entry=twin.entry, email="nova@example.cz", now=twin.now)
    code = next(word for word in texts_to("nova@example.cz", "registration/email_code")[-1].split() if word.isdigit())
    email.prove(entry=twin.entry, code=code, now=twin.now)


def _leave_and_register_again(twin: Twin) -> None:
    old = twin.entry
    twin.leave()
    twin.made = twin.register()
    with pytest.raises(RegistrationError):
        changing.come_back(entry=old, now=twin.now)


def _used_code(twin: Twin) -> None:
    RegistrationCode.objects.update(used=1)
    twin.add(WITH_CODE, twin.codes[0])


def _revoked(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[0])
    by = make_account(f"ministry{twin.phone}")
    revoking.revoke_batch(batch=twin.batch, reason="x", takes_proofs_back=True, by=by, now=twin.now)


def _code_twice(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[0])
    twin.add(WITH_CODE, twin.codes[1])


def _withdraw_the_other(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[0])
    twin.add(FREE)
    twin.withdraw(FREE)


def _come_back_with_the_code(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[0])
    twin.leave()
    twin.come_back()


def _with_the_form(twin: Twin, **changes: Any) -> None:
    twin.leave()
    twin.details = replace(twin.details, **changes)
    twin.made = twin.register()


ACTS: dict[str, Callable[[Twin], object]] = {
    "nothing": lambda _twin: None,
    "a code in the form": lambda twin: _with_the_form(
        twin, reason=PriorityGroup.objects.get(pk=WITH_CODE), code=twin.codes[0]
    ),
    "a reason in the form": lambda twin: _with_the_form(twin, reason=PriorityGroup.objects.get(pk=BY_REGISTER)),
    "a guardian": lambda twin: _with_the_form(twin, guardian=Guardian("Jana Nová", "PARENT")),
    "cannot come": _immobile,
    "other sites": _sites,
    "another e-mail": _email,
    "a reason without a code": lambda twin: twin.add(WITH_CODE),
    "the same reason twice": lambda twin: [twin.add(WITH_CODE), twin.add(WITH_CODE)],
    "a reason that a register proves": lambda twin: twin.add(BY_REGISTER),
    "a good code": lambda twin: twin.add(WITH_CODE, twin.codes[0]),
    "a good code later": lambda twin: [twin.add(WITH_CODE), twin.add(WITH_CODE, twin.codes[0])],
    "a second code": _code_twice,
    "a wrong code": lambda twin: twin.add(WITH_CODE, WRONG),
    "a wrong code for what stands": lambda twin: [twin.add(WITH_CODE), twin.add(WITH_CODE, WRONG)],
    "a code of another group": lambda twin: twin.add(FREE, twin.codes[0]),
    "a used code": _used_code,
    "a code that is cancelled": _revoked,
    "another reason taken back": _withdraw_the_other,
    "a code taken back": lambda twin: [twin.add(WITH_CODE, twin.codes[0]), twin.withdraw(WITH_CODE)],
    "left": lambda twin: [twin.add(WITH_CODE, twin.codes[0]), twin.leave()],
    "left twice": lambda twin: [twin.leave(), twin.leave()],
    "come back": _come_back_with_the_code,
    "come back twice": lambda twin: [twin.leave(), twin.come_back(), twin.come_back()],
    "left and registered again": _leave_and_register_again,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_claim_and_a_registration_are_twins(
    act: Callable[[Twin], object], open_with: Open, settings: Settings, site: VaccinationSite
) -> None:
    settings.INSURERS_REGISTER = settings.HEALTH_WORKERS_REGISTER = "local"
    now = timezone.now()
    details = replace(MARIE.details(), email="", sites=(site,))
    register(phone=MARIE.phone, details=details, language="cs", now=now - timedelta(days=3))
    waiting_summary.refresh(now=now)
    # The same statements about somebody of the same name and birthday, whom nobody has registered.
    other = replace(details, person=replace(details.person, identity=parse("385512124", today=TODAY)))
    read, used = [], []
    names = PAGES + FORMS if act is ACTS["nothing"] else PAGES
    for phone, said, kind in ((REGISTERED, other, Registration), (CLAIMED, details, RegistrationClaim)):
        batch, codes = make_codes(2, group=WITH_CODE)
        twin = Twin(phone, said, codes, batch)
        try:
            outcome = "done" if act(twin) is None else "all done"
        except RegistrationError as refusal:
            outcome = f"{type(refusal).__name__}: {refusal}"
        assert isinstance(twin.made, kind)
        used.append(twin.used())
        Tries.objects.all().delete()
        RegistrationCode.objects.all().update(used=0)
        read.append([outcome, *twin.shown(open_with, names)])
        Message.objects.all().delete()
    assert read[0] == read[1]
    assert used[0] == used[1]


def test_nothing_of_the_persons_record_is_shown(open_with: Open) -> None:
    details = MARIE.details()
    kept = register(phone=MARIE.phone, details=details, language="cs", now=timezone.now())
    assert isinstance(kept, Registration)
    said = details.said(language="uk")
    typed = replace(said, insured_number="", document_type="PASSPORT", document_country="UA", document_number="AB12345")
    claim = RegistrationClaim.objects.create(number="912345678", person=kept.person, phone=CLAIMED, typed=typed.as_text)
    file = json.loads(open_with(CLAIMED).get(page("my_data_file", claim)).content)
    assert "insured_number" not in file
    assert (file["document_number"], file["language"]) == ("••••345", "uk")
