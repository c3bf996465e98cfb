"""Deciding what another telephone claims."""

import json
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections

from crs.messaging.models import Message
from crs.no_break import breakable
from registration.applying import deciding, ending, merging
from registration.applying.errors import ClaimIsSettled, NothingToMove, NotYours
from registration.codes import overview, using
from registration.models import PriorityGroup, Registration, RegistrationClaim
from registration.number import grouped
from tests.factories import NOW, make_account, make_codes, make_registration, make_site
from tests.race import race, tally
from tests.registration.conftest import texts_to

OTHER = "+420602345678"
MOVED, KEPT = RegistrationClaim.Decision.MOVED, RegistrationClaim.Decision.KEPT
LATER = NOW + timedelta(days=1)


def make_claim(registration: Registration, **typed: object) -> RegistrationClaim:
    """Somebody with another telephone says that they are the person."""
    said = {"first_name": "Janička", "last_name": "Nová", "street": "Krátká 2", "city": "Brno", "postcode": "60200"}
    claim: RegistrationClaim = RegistrationClaim.objects.create(
        number=f"9{registration.number[1:]}",
        person=registration.person,
        phone=OTHER,
        typed=json.dumps(said | {"birth_date": "1985-05-05", "email": "nova@example.cz"} | typed),
    )
    return claim


def _spend(code: str, claim: RegistrationClaim) -> None:
    group = PriorityGroup.objects.get(pk="school-staff")
    with using.counted_try(text=code, phone=OTHER, now=NOW) as code_try:
        assert code_try
        using.spend(code_try=code_try, claim=claim, group=group, now=NOW)


@pytest.mark.django_db
def test_a_moved_registration_has_what_was_typed_with_the_new_telephone_but_its_own_name() -> None:
    site = make_site()
    jana = make_registration(email="stara@example.cz")
    claim, operator = make_claim(jana, sites=[str(site.pk)]), make_account("linka")
    settled = deciding.decide_claim(claim=claim, decision=MOVED, by=operator, reason="sedí doklad", now=LATER)
    moved = Registration.objects.select_related("person").get(pk=jana.pk)
    assert (str(moved.phone), moved.email, list(moved.preferred_sites.all())) == (OTHER, "nova@example.cz", [site])
    assert (str(moved.person), moved.person.street) == ("Jana Nováková", "Krátká 2")
    assert (moved.number, moved.created_at) == (jana.number, jana.created_at)
    assert (settled.decision, settled.resolved_by, settled.reason) == (MOVED, operator, "sedí doklad")
    assert texts_to(str(jana.phone), "registration/claim_moved_away")
    assert texts_to("stara@example.cz", "registration/claim_moved_away")
    assert breakable(grouped(moved.number)) in breakable(texts_to(OTHER, "registration/claim_moved")[0])


@pytest.mark.django_db
def test_a_claim_that_comes_true_brings_its_reasons_its_guardian_and_its_home() -> None:
    batch, codes = make_codes(2, group="school-staff")
    jana = make_registration(claims={"carers": "REFUSED", "health-workers": "DISPUTED"})
    reasons = ["school-staff", "carers", "health-workers"]
    said: dict[str, object] = {"guardian_name": "Eva Nová", "guardian_relation": "PARENT", "home_district": "CZ0642"}
    claim = make_claim(jana, reasons=reasons, language="uk", **said)
    _spend(codes[0], claim)
    deciding.decide_claim(claim=claim, decision=MOVED, now=LATER)
    moved = Registration.objects.get(pk=jana.pk)
    states = dict(moved.priority_claims.values_list("group", "state"))
    assert states == {"carers": "REFUSED", "health-workers": "DISPUTED", "school-staff": "PROVEN"}
    assert moved.priority_claims.get(group="school-staff").code_use.code.used == 1
    assert (moved.guardian_name, moved.home_district_id, moved.is_immobile) == ("Eva Nová", "CZ0642", True)
    assert moved.language == "uk"
    assert overview.use_of(batch, today=LATER.date()).used == 1


@pytest.mark.django_db
def test_a_claim_that_is_refused_gives_its_code_back() -> None:
    batch, codes = make_codes(1, group="school-staff")
    claim = make_claim(make_registration(), reasons=["school-staff"])
    _spend(codes[0], claim)
    deciding.decide_claim(claim=claim, decision=KEPT, now=LATER)
    assert overview.use_of(batch, today=LATER.date()).used == 0


@pytest.mark.django_db
@pytest.mark.parametrize("decision", [MOVED, KEPT])
def test_a_claim_of_a_joined_record_is_decided_for_the_record_that_stays(decision: RegistrationClaim.Decision) -> None:
    kept, joined = make_registration(), make_registration()
    claim, operator = make_claim(joined), make_account("linka")
    merging.merge(kept=kept.person, joined=joined.person, reason="jedna osoba", by=operator, now=NOW)
    deciding.decide_claim(claim=claim, decision=decision, by=operator, now=LATER)
    kept.refresh_from_db()
    assert (str(kept.phone) == OTHER) is (decision == MOVED)
    template = "claim_moved_away" if decision == MOVED else "claim_kept"
    assert len(Message.objects.filter(template=f"registration/{template}")) == 1


@pytest.mark.django_db
def test_what_the_claim_says_when_it_is_decided_counts_and_only_its_holder_decides() -> None:
    jana = make_registration()
    claim = make_claim(jana)
    RegistrationClaim.objects.filter(pk=claim.pk).update(phone="+420603333333")
    with pytest.raises(NotYours):
        deciding.decide_claim(claim=claim, decision=MOVED, phone="+420604444444", now=LATER)
    deciding.decide_claim(claim=claim, decision=MOVED, phone=str(jana.phone), now=LATER)
    jana.refresh_from_db()
    assert str(jana.phone) == "+420603333333"


@pytest.mark.django_db
def test_neither_telephone_reads_anything_of_the_other() -> None:
    for decision, phone in ((MOVED, "+420777123456"), (KEPT, "+420777654321")):
        jana = make_registration(email="stara@example.cz", phone=phone)
        claim = make_claim(jana)
        deciding.decide_claim(claim=claim, decision=decision, now=LATER)
        said = {
            template: " ".join(texts_to(recipient, f"registration/{template}"))
            for template, recipient in (
                ("claim_moved_away", str(jana.phone)),
                ("claim_kept", str(jana.phone)),
                ("claim_moved", OTHER),
                ("claim_refused", OTHER),
            )
        }
        for theirs in ("602345", "nova@", "Janička", claim.number):
            assert theirs not in said["claim_moved_away"] + said["claim_kept"]
        for theirs in (str(jana.phone)[-6:], "stara@", "Nováková"):
            assert theirs not in said["claim_moved"] + said["claim_refused"]
        assert jana.number not in said["claim_refused"]


@pytest.mark.django_db
@pytest.mark.parametrize(("decision", "template"), [(MOVED, "claim_moved_away"), (KEPT, "claim_kept")])
def test_whoever_has_no_mobile_is_told_by_letter(decision: RegistrationClaim.Decision, template: str) -> None:
    jana = make_registration(phone="", by_letter=True)
    deciding.decide_claim(claim=make_claim(jana), decision=decision, by=make_account("linka"), now=LATER)
    letter = Message.objects.get(channel=Message.Channel.LETTER)
    assert (letter.template, breakable(grouped(jana.number)) in breakable(letter.text)) == (
        f"registration/{template}",
        True,
    )


@pytest.mark.django_db
def test_what_is_settled_or_has_ended_is_not_moved() -> None:
    jana = make_registration()
    claim = make_claim(jana)
    ending.end(registration=jana, ending=Registration.Ending.LEFT, now=LATER)
    with pytest.raises(NothingToMove):
        deciding.decide_claim(claim=claim, decision=MOVED, now=LATER)
    deciding.decide_claim(claim=claim, decision=KEPT, now=LATER)
    with pytest.raises(ClaimIsSettled):
        deciding.decide_claim(claim=claim, decision=MOVED, now=LATER)


# --- at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_an_operator_and_the_telephone_one_decides() -> None:
    jana, operator = make_registration(), make_account("linka")
    claim = make_claim(jana)
    decide = partial(deciding.decide_claim, claim=claim, now=LATER)
    outcomes = race(partial(decide, decision=KEPT), partial(decide, decision=MOVED, by=operator))
    assert tally(outcomes) == {"RegistrationClaim": 1, "ClaimIsSettled": 1}
    decided = RegistrationClaim.objects.get(pk=claim.pk)
    is_moved = str(Registration.objects.get(pk=jana.pk).phone) == OTHER
    assert is_moved == (decided.decision == MOVED)
    assert len(texts_to(OTHER, "registration/claim_moved") + texts_to(OTHER, "registration/claim_refused")) == 1


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_guard_both_decide() -> None:
    claim = make_claim(make_registration())
    both_have_looked = threading.Barrier(2, timeout=30)

    def careless(decision: str) -> str:
        try:
            assert RegistrationClaim.objects.get(pk=claim.pk).resolved_at is None
            both_have_looked.wait()
            RegistrationClaim.objects.filter(pk=claim.pk).update(decision=decision, resolved_at=LATER)
            return "decided"
        finally:
            connections.close_all()

    assert race(partial(careless, "KEPT"), partial(careless, "MOVED")) == ["decided", "decided"]
