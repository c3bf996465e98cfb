"""The mismatch desk: oldest first, both records side by side, and a person decides."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crs.messaging.models import Message
from logistics.models import Role
from registration.applying import ending
from registration.desk.mismatches import deciding, lists
from registration.desk.mismatches.errors import AskedLately, CannotBeAsked, DecisionNotPossible, MismatchDecided
from registration.models import Mismatch, Person, PersonLook, PriorityClaim, RegisterCheck, Registration
from registration.people.insured_number import lookup_hash
from registration.registers.answers import kept
from registration.registers.asking import HealthWorker, Insured
from registration.signals import person_changed
from tests.factories import NOW, make_registration, make_staff
from tests.pages import browser, english, log_in, send_form, summary, text_of
from tests.race import race

pytestmark = pytest.mark.django_db

JANA = "6854021240"
WHY = "Ověřeno podle průkazu pojištěnce."
RECORD = Insured("Jana", "Dvořáková", date(1968, 4, 2), "205")


def make_mismatch(
    kind: str = "NAME",
    answer: Insured | HealthWorker | None = RECORD,
    *,
    claims: dict[str, str] | None = None,
    opened_at: Any = NOW,
    number: str = JANA,
    **fields: Any,
) -> Mismatch:
    registration = make_registration(birth_date=date(1968, 4, 2), claims=claims, **fields)
    Person.objects.filter(pk=registration.person_id).update(
        insured_number=number, insured_number_hash=lookup_hash(number)
    )
    check = RegisterCheck.objects.create(
        registration=registration,
        register="WORKERS" if claims else "INSURERS",
        claim=registration.priority_claims.first(),
        state="DISAGREES",
        answer=kept(answer),
        answered_at=opened_at,
    )
    made = Mismatch.objects.create(
        check_done=check, kind=kind, opened_at=opened_at, due_at=opened_at + timedelta(days=3)
    )
    return Mismatch.objects.select_related("check_done__registration__person").get(pk=made.pk)


def decide(mismatch: Mismatch, decision: str, by: Any = None) -> None:
    deciding.decide(
        mismatch=mismatch,
        decision=Mismatch.Decision(decision),
        reason=WHY,
        by=by or make_staff(Role.SUPPORT_L2),
        now=NOW,
    )


def told() -> list[str]:
    return list(Message.objects.filter(channel="SMS").order_by("pk").values_list("template", flat=True))


@pytest.fixture
def operator() -> Client:
    return english(log_in(browser(), make_staff(Role.SUPPORT_L2)))


def test_what_the_person_says_holds() -> None:
    mismatch = make_mismatch()
    decide(mismatch, "KEPT")
    person = Person.objects.get()
    assert (person.last_name, RegisterCheck.objects.get().state) == ("Nováková", "DECIDED")
    decided = Mismatch.objects.get()
    assert (decided.decision, decided.reason, told()) == ("KEPT", WHY, ["registration/mismatch_kept"])


def test_what_the_register_says_is_taken_over_and_others_learn_it() -> None:
    changed: list[int] = []

    def note(person_id: int, **_: Any) -> None:
        changed.append(person_id)

    person_changed.connect(note)
    Person.objects.update(latin_first_name="JANA", latin_last_name="NOVAKOVA")
    decide(make_mismatch(), "CORRECTED")
    person_changed.disconnect(note)
    person = Person.objects.get()
    assert (person.first_name, person.last_name, person.latin_last_name) == ("Jana", "Dvořáková", "")
    assert changed == [person.pk]
    assert told() == ["registration/mismatch_corrected"]
    assert Registration.objects.get().state == "ACTIVE"


def test_a_date_of_birth_is_taken_over_alone() -> None:
    decide(make_mismatch("BIRTH_DATE", Insured("JANA", "NOVAKOVA", date(1868, 4, 2), "111")), "CORRECTED")
    person = Person.objects.get()
    assert (person.last_name, person.birth_date) == ("Nováková", date(1868, 4, 2))


def test_a_part_of_a_name_that_the_register_has_not_is_not_erased() -> None:
    decide(make_mismatch(answer=Insured("", "Dvořáková", date(1968, 4, 2), "205")), "CORRECTED")
    person = Person.objects.get()
    assert (person.first_name, person.last_name) == ("Jana", "Dvořáková")


def test_a_registration_ends_by_a_person_and_its_person_is_told() -> None:
    decide(make_mismatch("NOT_FOUND", None), "ENDED")
    registration = Registration.objects.get()
    assert (registration.state, registration.ending) == ("CANCELLED", "REGISTER")
    assert told() == ["registration/ended"]
    assert (RegisterCheck.objects.get().state, Mismatch.objects.get().decision) == ("DECIDED", "ENDED")


@pytest.mark.parametrize("decision", ["ENDED", "KEPT"])
def test_about_a_death_no_message_goes_out_whatever_is_decided(decision: str) -> None:
    died = Insured("Jana", "Nováková", date(1968, 4, 2), "111", died_on=date(2027, 1, 5))
    decide(make_mismatch("DIED", died), decision)
    assert not Message.objects.exists()
    assert Person.objects.get().died_on == (date(2027, 1, 5) if decision == "ENDED" else None)


@pytest.mark.parametrize(
    ("decision", "state", "template"),
    [("KEPT", "PROVEN", "registration/mismatch_kept"), ("ENDED", "REFUSED", "registration/worker_refused")],
)
def test_a_claim_is_decided_and_the_registration_stays(decision: str, state: str, template: str) -> None:
    decide(make_mismatch("NOT_WORKER", None, claims={"health-workers": "DISPUTED"}), decision)
    assert PriorityClaim.objects.get().state == state
    assert Registration.objects.get().state == "ACTIVE"
    assert told() == [template]


def test_a_claim_that_was_withdrawn_meanwhile_is_not_proven_by_a_decision() -> None:
    mismatch = make_mismatch("NOT_WORKER", None, claims={"health-workers": "WITHDRAWN"})
    assert not lists.waiting().exists()
    with pytest.raises(MismatchDecided):
        decide(mismatch, "KEPT")
    assert PriorityClaim.objects.get().state == "WITHDRAWN"


def test_where_the_register_says_nothing_nothing_can_be_taken_over() -> None:
    with pytest.raises(DecisionNotPossible):
        decide(make_mismatch("NOT_FOUND", None), "CORRECTED")
    worker = HealthWorker("1", "Jana", "Jiná", "sestra")
    about_claim = make_mismatch("NAME", worker, claims={"health-workers": "DISPUTED"}, number="385512123")
    with pytest.raises(DecisionNotPossible):
        decide(about_claim, "CORRECTED")
    assert set(RegisterCheck.objects.values_list("state", flat=True)) == {"DISAGREES"}


def test_a_document_is_asked_for_once_a_day() -> None:
    mismatch, by = make_mismatch(email="jana@seznam.cz"), make_staff(Role.SUPPORT_L2)
    deciding.ask_for_document(mismatch=mismatch, by=by, now=NOW)
    with pytest.raises(AskedLately):
        deciding.ask_for_document(mismatch=mismatch, by=by, now=NOW + timedelta(hours=23))
    deciding.ask_for_document(mismatch=mismatch, by=by, now=NOW + timedelta(hours=24))
    assert told() == ["registration/document_wanted"] * 2
    assert Message.objects.filter(channel="EMAIL").count() == 2
    decide(mismatch, "KEPT", by=by)
    with pytest.raises(MismatchDecided):
        deciding.ask_for_document(mismatch=mismatch, by=by, now=NOW + timedelta(days=3))


def test_nobody_is_asked_by_nothing() -> None:
    with pytest.raises(CannotBeAsked):
        deciding.ask_for_document(mismatch=make_mismatch(phone=""), by=make_staff(Role.SUPPORT_L2), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_who_decide_at_once_one_is_refused() -> None:
    mismatch, one, other = make_mismatch(), make_staff(Role.SUPPORT_L2), make_staff(Role.SUPPORT_L3)
    outcomes = race(partial(decide, mismatch, "KEPT", one), partial(decide, mismatch, "CORRECTED", other))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MismatchDecided", "NoneType"]
    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    mismatch, one, other = make_mismatch(), make_staff(Role.SUPPORT_L2), make_staff(Role.SUPPORT_L3)
    monkeypatch.setattr(deciding, "_is_open", lambda _mismatch: True)
    outcomes = race(partial(decide, mismatch, "KEPT", one), partial(decide, mismatch, "CORRECTED", other))
    assert outcomes == [None, None]
    assert len(told()) == 2


def test_the_list_is_by_age_and_kind_and_names_nobody(operator: Client) -> None:
    young = make_mismatch("NAME", opened_at=NOW)
    old = make_mismatch("NOT_FOUND", None, opened_at=NOW - timedelta(days=5), number="385512123")
    page = operator.get(reverse("registration:mismatches"))
    text = text_of(page)
    numbers = [one.check_done.registration.number for one in (old, young)]
    assert [text.index(number) for number in numbers] == sorted(text.index(number) for number in numbers)
    assert "Nováková" not in text
    filtered = text_of(operator.get(reverse("registration:mismatches"), {"druh": "NAME"}))
    assert numbers[1] in filtered
    assert numbers[0] not in filtered
    assert operator.get(reverse("registration:mismatches"), {"druh": "x", "strana": "-1"}).status_code == 200
    Registration.objects.filter(number=numbers[0]).update(state="COMPLETED")
    assert lists.waiting().count() == 1


def test_the_page_shows_both_records_masks_the_number_and_writes_the_look(operator: Client) -> None:
    mismatch = make_mismatch()
    page = operator.get(reverse("registration:mismatch", args=[mismatch.pk]))
    text = text_of(page)
    assert "Dvořáková differs" in text
    assert JANA not in page.content.decode()
    assert PersonLook.objects.get().page == "registration:mismatch"
    shown = operator.post(reverse("registration:mismatch_number", args=[mismatch.pk]))
    assert JANA in shown.content.decode()
    assert PersonLook.objects.filter(page="registration:mismatch_number").count() == 1


def test_a_decision_needs_a_choice_and_a_reason_and_is_made_once(operator: Client) -> None:
    mismatch = make_mismatch(opened_at=timezone.now())
    path = reverse("registration:mismatch", args=[mismatch.pk])
    page = operator.post(path, {"decision": "", "reason": "."})
    assert "Please choose what holds." in summary(page)
    assert "Please write the reason in words." in summary(page)
    assert send_form(operator, path, decision="KEPT", reason=WHY).status_code == 302
    again = operator.post(path, {"decision": "CORRECTED", "reason": WHY})
    assert "has been decided already" in text_of(again)
    assert WHY in text_of(again)
    assert Mismatch.objects.get().decision == "KEPT"


def test_a_document_is_asked_for_from_the_page(operator: Client) -> None:
    mismatch = make_mismatch(opened_at=timezone.now())
    path = reverse("registration:mismatch_ask", args=[mismatch.pk])
    first = operator.post(path, follow=True)
    assert "The person was asked for a document." in text_of(first)
    asked = Mismatch.objects.select_related("asked_by").get().asked_by
    assert asked is not None
    assert f"by {asked.get_full_name() or asked.get_username()}." in text_of(first)
    assert "less than a day ago" in text_of(operator.post(path, follow=True))
    assert operator.get(path).status_code == 405


def test_others_find_nothing_here() -> None:
    mismatch = make_mismatch()
    doctor = log_in(browser(), make_staff(Role.SUPPORT_L1))
    for page in ("mismatch", "mismatch_ask", "mismatch_number"):
        assert doctor.post(reverse(f"registration:{page}", args=[mismatch.pk])).status_code in (403, 404)


def test_a_disputed_claim_waits_for_staff_again_when_the_person_comes_back() -> None:
    mismatch = make_mismatch("NOT_WORKER", None, claims={"health-workers": "DISPUTED"})
    registration = mismatch.check_done.registration
    ending.end(registration=registration, ending=Registration.Ending.LEFT, now=NOW)
    assert not lists.waiting().exists()
    ending.reopen(registration=registration, now=NOW)
    assert lists.waiting().get() == mismatch
    assert registration.priority_claims.get().state == "DISPUTED"
