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
from reservation.inviting import waiting_summary
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
        return use.used, use.by_day, sorted(Tries.objects.values_list("count", flat=True))

    def _alike(self, text: str) -> str:
        numbers = r"\+?(\b420[ \xa0]?)?\b\d{3}[ \xa0-]?\d{3}[ \xa0-]?\d{3}\b|•+\d{3}"
        return re.sub(numbers, "OWN", text).replace(self.entry.key, "KEY")


Act = Callable[[Twin], None]


def _immobile(twin: Twin) -> None:
    address = {"street": "Nová 5", "city": "Brno", "postcode": "60200", "country": "CZ"}
    district = District.objects.get(pk="CZ0642")
    changing.change_home(entry=twin.entry, address=address, is_immobile=True, home_district=district)


def _sites(twin: Twin) -> None:
    changing.change_sites(entry=twin.entry, sites=[make_site("Jinde", "CZ0201")])


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
    _good_code(twin)


def _cancel_codes(twin: Twin) -> None:
    by = make_account(f"ministry{twin.phone}")
    revoking.revoke_batch(batch=twin.batch, reason="x", takes_proofs_back=True, by=by, now=twin.now)


def _no_code(twin: Twin) -> None:
    twin.add(WITH_CODE)


def _good_code(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[0])


def _second_code(twin: Twin) -> None:
    twin.add(WITH_CODE, twin.codes[1])


def _wrong_code(twin: Twin) -> None:
    twin.add(WITH_CODE, WRONG)


def _leave(twin: Twin) -> None:
    twin.leave()


def _come_back(twin: Twin) -> None:
    twin.come_back()


def _with_the_form(group: str = "", guardian: Guardian | None = None) -> Act:
    def again(twin: Twin) -> None:
        twin.leave()
        code = twin.codes[0] if group == WITH_CODE else ""
        reason = PriorityGroup.objects.filter(pk=group).first()
        twin.details = replace(twin.details, reason=reason, code=code, guardian=guardian)
        twin.made = twin.register()

    return again


def _outcome(step: Act, twin: Twin) -> str:
    try:
        step(twin)
    except RegistrationError as refusal:
        return f"{type(refusal).__name__}: {refusal}"
    return "done"


ACTS: dict[str, tuple[Act, ...]] = {
    "nothing": (),
    "a code in the form": (_with_the_form(group=WITH_CODE),),
    "a reason in the form": (_with_the_form(group=BY_REGISTER),),
    "a guardian": (_with_the_form(guardian=Guardian("Jana Nová", "PARENT")),),
    "cannot come": (_immobile,),
    "other sites": (_sites,),
    "another e-mail": (_email,),
    "the same reason twice": (_no_code, _no_code),
    "a reason that a register proves": (lambda twin: twin.add(BY_REGISTER),),
    "a good code later": (_no_code, _good_code),
    "a second code": (_good_code, _second_code),
    "a wrong code": (_wrong_code,),
    "a wrong code for what stands": (_no_code, _wrong_code),
    "a code of another group": (lambda twin: twin.add(FREE, twin.codes[0]),),
    "a used code": (_used_code,),
    "a code that is cancelled": (_good_code, _cancel_codes),
    "another reason taken back": (_good_code, lambda twin: twin.add(FREE), lambda twin: twin.withdraw(FREE)),
    "a code taken back": (_good_code, lambda twin: twin.withdraw(WITH_CODE)),
    "left": (_good_code, _leave),
    "left twice": (_leave, _leave),
    "come back": (_good_code, _leave, _come_back),
    "come back twice": (_leave, _come_back, _come_back),
    "left and registered again": (_leave_and_register_again,),
}


@pytest.mark.usefixtures("clock")  # the pages tell the minute, which is not to end between the two
@pytest.mark.parametrize("steps", ACTS.values(), ids=ACTS)
def test_a_claim_and_a_registration_are_twins(
    steps: tuple[Act, ...], open_with: Open, settings: Settings, site: VaccinationSite
) -> None:
    settings.INSURERS_REGISTER = settings.HEALTH_WORKERS_REGISTER = "local"
    now = timezone.now()
    details = replace(MARIE.details(), email="", sites=(site,))
    register(phone=MARIE.phone, details=details, language="cs", now=now - timedelta(days=3))
    waiting_summary.refresh(now=now)
    # The same statements about somebody of the same name and birthday, whom nobody has registered.
    other = replace(details, person=replace(details.person, identity=parse("385512124", today=TODAY)))
    read, used = [], []
    names = PAGES + FORMS if not steps else PAGES
    for phone, said, kind in ((REGISTERED, other, Registration), (CLAIMED, details, RegistrationClaim)):
        batch, codes = make_codes(2, group=WITH_CODE)
        twin = Twin(phone, said, codes, batch)
        outcomes = [_outcome(step, twin) for step in steps]
        assert isinstance(twin.made, kind)
        used.append(twin.used())
        Tries.objects.all().delete()
        RegistrationCode.objects.all().update(used=0)
        read.append([*outcomes, *twin.shown(open_with, names)])
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
    assert (file["document_number"], file["language"]) == ("••••345", "Ukrainian")
