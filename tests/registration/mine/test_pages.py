"""The pages of one's own registration."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crs.messaging.models import Message
from crs.models import Tries
from crs.sent_forms import Sending
from logistics.models import VaccinationSite
from registration.applying import ending
from registration.applying.errors import AlreadyEnded
from registration.groups.errors import ClaimDisputed
from registration.mine import changing, next_steps
from registration.mine.next_steps import NextStep
from registration.models import (
    EmailProof,
    GroupRule,
    Person,
    PhoneVerification,
    PriorityClaim,
    PriorityGroup,
    Registration,
    RegistrationClaim,
)
from tests.factories import NOW, make_codes, make_registration, make_site
from tests.pages import browser, send_form, solved_captcha, text_of
from tests.registration.conftest import ask_for_pin, other_than, pins_to, texts_to
from tests.registration.mine.conftest import Open, entry_of, page

PHONE, OTHER = "+420601234567", "+420602345678"
MINE, FORM, FIRST, PIN = (reverse(f"registration:{name}") for name in ("mine", "form", "phone", "pin"))
NAMES = (
    *("my_registration", "my_email", "my_email_code", "my_phone", "my_sites", "my_home", "my_reason", "my_leaving"),
    *("my_return", "my_other_phone", "my_data", "my_data_file", "my_phone_pin"),
)


def make_claim(registration: Registration, phone: str = OTHER, **typed: Any) -> RegistrationClaim:
    """Somebody with another telephone says that they are the person."""
    said: dict[str, Any] = {
        "first_name": "Jana",
        "last_name": "Nováková",
        "street": "Krátká 2",
        "city": "Brno",
        "postcode": "60200",
    }
    said |= {"postcode": "60200", "insurer": "111", "birth_date": registration.person.birth_date.isoformat()}
    claim: RegistrationClaim = RegistrationClaim.objects.create(
        number=f"9{registration.number[1:]}", person=registration.person, phone=phone, typed=json.dumps(said | typed)
    )
    return claim


def code_to(email: str) -> str:
    return next(word for word in texts_to(email, "registration/email_code")[-1].split() if word.isdigit())


# --- the way in ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_door_of_my_registration_leads_back_to_it_and_that_of_the_form_to_the_form() -> None:
    make_registration(phone=PHONE)
    own = browser()
    first = own.get(MINE)
    assert first.headers["Location"] == f"{FIRST}?dvere=moje"
    assert "Steps to your vaccination" not in own.get(first.headers["Location"]).content.decode()
    own.post(first.headers["Location"], {"phone": PHONE, **solved_captcha()})
    assert own.post(PIN, {"pin": pins_to(PHONE)[-1]}).headers["Location"] == MINE
    assert own.get(MINE).status_code == 200
    other = browser()
    ask_for_pin(other, OTHER)
    assert other.post(PIN, {"pin": pins_to(OTHER)[-1]}).headers["Location"] == FORM


@pytest.mark.django_db
def test_the_first_proof_of_a_browser_leads_to_the_page_that_it_came_for() -> None:
    jana = make_registration(phone=PHONE)
    # With a cookie: from the page where PIN2 is typed, or by a bookmark. Without any: by the address in an SMS.
    for wanted, visited in ((page("my_email", jana), FIRST), ("/rezervace/pin2/", FIRST), ("/rezervace/pin2/", "")):
        client = browser()
        if visited:
            client.get(visited)
        to = client.get(wanted).headers["Location"]
        client.post(to, {"phone": PHONE, **solved_captcha()})
        assert client.post(PIN, {"pin": pins_to(PHONE)[-1]}).headers["Location"] == wanted


@pytest.mark.django_db
def test_a_proof_that_ran_out_leads_back_to_the_wanted_page_of_the_same_telephone_only(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    for phone, leads_to in ((PHONE, page("my_email", jana)), (OTHER, MINE)):
        client = open_with(PHONE)
        PhoneVerification.objects.update(verified_at=timezone.now() - timedelta(hours=2))
        to = client.post(page("my_email", jana), {"email": "a@example.cz"}).headers["Location"]
        client.post(to, {"phone": phone, **solved_captcha()})
        assert client.post(PIN, {"pin": pins_to(phone)[-1]}).headers["Location"] == leads_to


def test_another_telephones_an_unknown_and_a_malformed_key_are_one_answer(open_with: Open) -> None:
    jana, petr = make_registration(phone=PHONE), make_registration(phone=OTHER)
    client = open_with(PHONE)
    keys = {name: entry_of(one).key for name, one in (("own", jana), ("other", petr))} | {"unknown": "0" * 20}
    for name in NAMES:
        answers = {whose: client.get(reverse(f"registration:{name}", args=[key])) for whose, key in keys.items()}
        assert answers["own"].status_code in {200, 302}
        pages = {answers[whose].content.replace(keys[whose].encode(), b"") for whose in ("other", "unknown")}
        assert {answers[whose].status_code for whose in ("other", "unknown")} == {404}
        assert len({len(one) for one in pages}) == 1
        assert "no-store" in answers["own"].headers["Cache-Control"]


def test_after_logging_out_nothing_is_shown(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    client = open_with(PHONE)
    client.post(reverse("registration:finish"))
    for address in (MINE, page("my_registration", jana), page("my_data_file", jana)):
        assert client.get(address).headers["Location"].startswith(FIRST)


# --- what is shown ------------------------------------------------------------------------------


def test_the_list_has_everybody_of_the_telephone_and_each_has_a_page(open_with: Open) -> None:
    jana, left = make_registration(phone=PHONE), make_registration(phone=PHONE)
    ending.end(registration=left, ending=Registration.Ending.LEFT, now=NOW)
    make_registration(phone=OTHER)
    client = open_with(PHONE)
    shown = text_of(client.get(MINE))
    assert shown.count("Registration number") == 2
    assert "You cancelled this registration on 11. 1. 2027. You can renew it." in shown
    one = text_of(client.get(page("my_registration", jana)))
    assert "The registration is valid." in one
    assert "If you cancel reserved times, the registration stays valid." in one


@pytest.mark.parametrize("name", ["my_registration", "my_home"])
def test_paper_tells_no_key_of_a_personal_page(open_with: Open, name: str) -> None:
    address = page(name, make_registration(phone=PHONE))
    assert address.startswith(MINE)
    printed = re.search(r'class="crs-address[^>]*>([^<]*)', open_with(PHONE).get(address).content.decode())
    assert printed
    assert printed[1].endswith(f"localhost:8000{MINE}")


def test_a_claim_looks_like_any_other_registration(open_with: Open) -> None:
    claim = make_claim(make_registration(phone=PHONE), phone=OTHER)
    mine, theirs = open_with(OTHER), open_with("+420603333333")
    real = make_registration(phone="+420603333333", created_at=claim.created_at)
    real.person.street, real.person.city, real.person.postcode = "Krátká 2", "Brno", "60200"
    real.person.save()
    pages = []
    for client, one in ((mine, claim), (theirs, real)):
        shown = text_of(client.get(page("my_registration", one)))
        number = entry_of(one).grouped_number
        phone = "602 345 678" if one is claim else "603 333 333"
        pages.append(shown.replace(" ".join(number.split()), "N").replace(number, "N").replace(phone, "P"))
    assert pages[0] == pages[1]


def test_rooms_above_say_what_happens_next(open_with: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    step = NextStep("Times booked: Monday at nine.", "reservation:log_in", "Log in with PIN2")
    monkeypatch.setattr(next_steps, "_sources", [lambda _registration, _now: [step]])
    jana = make_registration(phone=PHONE)
    client = open_with(PHONE)
    answer = client.get(page("my_registration", jana))
    assert "Times booked: Monday at nine. Log in with PIN2" in text_of(answer)
    assert f'href="{reverse("reservation:log_in")}"' in answer.content.decode()
    assert "Times booked" in text_of(client.get(page("my_leaving", jana)))


# --- changes ------------------------------------------------------------------------------------


def both(phone: str = PHONE) -> list[Registration | RegistrationClaim]:
    """A registration of the telephone, and a claim of it to another one's."""
    return [make_registration(phone=phone), make_claim(make_registration(), phone=phone)]


def test_the_email_is_proved_by_a_code_and_the_old_one_is_told(open_with: Open) -> None:
    client = open_with(PHONE)
    for one, address in zip(both(), ("a@example.cz", "b@example.cz"), strict=True):
        assert send_form(client, page("my_email", one), email=address).headers["Location"] == page("my_email_code", one)
        assert entry_of(one).registration.email == ""
        code = code_to(address)
        wrong = send_form(client, page("my_email_code", one), code=other_than(code))
        assert "This is not the code" in text_of(wrong)
        assert send_form(client, page("my_email_code", one), code=f" {code[:3]} {code[3:]}").status_code == 302
        assert entry_of(one).registration.email == address
        send_form(client, page("my_email", one), email="")
        assert entry_of(one).registration.email == ""
        assert texts_to(address, "registration/email_changed")


def test_wrong_codes_are_counted_and_old_ones_run_out(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    client = open_with(PHONE)
    send_form(client, page("my_email", jana), email="a@example.cz")
    code = code_to("a@example.cz")
    EmailProof.objects.update(sent_at=timezone.now() - timedelta(hours=2))
    assert "has run out" in text_of(send_form(client, page("my_email_code", jana), code=code))
    for _ in range(5):
        send_form(client, page("my_email_code", jana), code=other_than(code))
    assert "Too many wrong codes" in text_of(send_form(client, page("my_email_code", jana), code=code))
    petr = make_registration(phone=PHONE)
    for number, one in enumerate((jana, petr, jana, petr)):
        send_form(client, page("my_email", one), email=f"b{number}@example.cz")
    for one in (jana, petr):
        assert "several codes" in text_of(send_form(client, page("my_email", one), email="c@example.cz"))


def change_phone(client: Client, one: Registration | RegistrationClaim, phone: str) -> Any:
    pin_page = page("my_phone_pin", one)
    answer = send_form(client, page("my_phone", one), phone=phone, **solved_captcha())
    assert answer.headers["Location"] == pin_page
    wrong = send_form(client, pin_page, pin=other_than(*pins_to(phone)))
    assert wrong.status_code == 200
    return send_form(client, pin_page, pin=pins_to(phone)[-1])


def test_the_new_telephone_is_proved_by_a_pin_and_the_old_one_is_told(open_with: Open) -> None:
    client = open_with(PHONE)
    for one, phone in zip(both(), (OTHER, "+420603333333"), strict=True):
        assert change_phone(client, one, phone).headers["Location"] == MINE
        assert type(one).objects.get(pk=one.pk).phone.as_e164 == phone
    assert len(texts_to(PHONE, "registration/phone_changed")) == 2
    assert "Nobody is registered" in text_of(client.get(MINE))
    assert client.get(page("my_registration", one)).status_code == 404


def test_a_claim_of_the_new_telephone_has_come_true(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    claim = make_claim(jana, phone=OTHER)
    change_phone(open_with(PHONE), jana, OTHER)
    claim.refresh_from_db()
    assert claim.decision == RegistrationClaim.Decision.MOVED
    assert str(text_of(open_with(OTHER).get(MINE)).count("Registration number")) == "1"


def test_a_telephone_takes_no_more_people_than_it_could_register(open_with: Open, settings: Any) -> None:
    settings.REGISTRATIONS_PER_PHONE = 1
    make_registration(phone=OTHER, created_at=timezone.now())
    jana = make_registration(phone=PHONE)
    assert "can take no more" in text_of(change_phone(open_with(PHONE), jana, OTHER))
    assert "has this telephone already" in text_of(change_phone(open_with(PHONE), jana, PHONE))


def test_sites_and_the_home_are_changed(open_with: Open) -> None:
    site = make_site("Výstaviště Brno", "CZ0642")
    client = open_with(PHONE)
    home = {"street": "Nová 1", "city": "Brno", "postcode": "602 00", "is_immobile": "on", "home_district": "CZ0642"}
    for one in both():
        narrowed = client.post(page("my_sites", one), {"choose": "district", "region": "CZ064", "district": "CZ0642"})
        assert "Výstaviště Brno" in text_of(narrowed)
        assert send_form(client, page("my_sites", one), sites=[str(site.pk)]).status_code == 302
        assert "Please choose the district" in text_of(
            send_form(client, page("my_home", one), **home | {"home_district": ""})
        )
        assert send_form(client, page("my_home", one), **home).status_code == 302
        entry = entry_of(one)
        assert entry.sites == (VaccinationSite.objects.get(pk=site.pk),)
        assert (entry.person.street, entry.person.postcode) == ("Nová 1", "60200")
        assert (entry.registration.is_immobile, entry.registration.home_district_id) == (True, "CZ0642")
        abroad = {"street": "Hlavná 1", "city": "Bratislava", "country": "SK", "postcode": "81101"}
        assert "homes in Czechia only" in text_of(send_form(client, page("my_home", one), **home | abroad))
        assert send_form(client, page("my_home", one), **abroad).status_code == 302
        assert entry_of(one).person.address == "Hlavná 1, 811 01 Bratislava, Slovensko"


def test_a_reason_is_added_and_taken_back(open_with: Open) -> None:
    client = open_with(PHONE)
    for one in both():
        assert send_form(client, page("my_reason", one), group="carers").status_code == 302
        assert [reason.state for reason in entry_of(one).reasons] == [PriorityClaim.State.PENDING]
        assert "among yours" in text_of(send_form(client, page("my_reason", one), group="carers"))
        mistyped = send_form(client, page("my_reason", one), group="carers", code="123456789012")
        assert "typing mistake" in text_of(mistyped)
        taken_back = page("my_reason_withdrawn", one, entry_of(one).key_of(entry_of(one).reasons[0]))
        assert "carers" not in taken_back
        assert send_form(client, taken_back).status_code == 302
        assert entry_of(one).reasons == ()


def test_what_staff_or_a_register_said_of_a_reason_is_not_undone_here(open_with: Open) -> None:
    jana = make_registration(phone=PHONE, claims={"school-staff": "REFUSED", "carers": "DISPUTED"})
    refused, disputed = sorted(entry_of(jana).reasons, key=lambda reason: reason.state, reverse=True)
    client = open_with(PHONE)
    assert "Our staff have refused" in text_of(send_form(client, page("my_reason", jana), group="school-staff"))
    for reason in (refused, disputed):
        assert send_form(client, page("my_reason_withdrawn", jana, entry_of(jana).key_of(reason))).status_code == 302
    with pytest.raises(ClaimDisputed):
        changing.withdraw_reason(entry=entry_of(jana), group=disputed.group)
    assert sorted(reason.state for reason in entry_of(jana).reasons) == ["DISPUTED", "REFUSED"]
    code = make_codes(group="school-staff")[1][0]
    assert send_form(client, page("my_reason", jana), group="school-staff", code=code).status_code == 302
    proven = entry_of(jana).reason(entry_of(jana).key_of(refused))
    assert proven is not None
    assert proven.state == PriorityClaim.State.PROVEN


def test_a_reason_that_no_register_can_know_is_for_line_1221(open_with: Open) -> None:
    client = open_with(PHONE)
    abroad = make_registration(phone=PHONE)
    Person.objects.filter(pk=abroad.person_id).update(insured_number="8455540008")
    assert "Please call the line 1221" in text_of(send_form(client, page("my_reason", abroad), group="health-workers"))
    assert entry_of(abroad).reasons == ()


def test_reasons_that_are_offered_have_a_rule_and_the_link_to_a_code_names_none(open_with: Open) -> None:
    jana = make_registration(phone=PHONE, claims={"chronic-first": "PENDING"})
    client = open_with(PHONE)
    shown = client.get(page("my_registration", jana)).content.decode()
    link = f"{page('my_reason', jana)}?duvod={entry_of(jana).key_of(entry_of(jana).reasons[0])}"
    assert link in shown
    assert "chronic-first" not in shown
    assert '<option value="chronic-first" selected>' in client.get(link).content.decode()
    GroupRule.objects.filter(group="chronic-first").delete()
    assert '<option value="chronic-first"' not in client.get(link).content.decode()


@pytest.mark.django_db
def test_only_a_code_that_was_refused_is_a_try() -> None:
    jana, code = make_registration(phone=PHONE), make_codes(group="school-staff")[1][0]
    school = PriorityGroup.objects.get(pk="school-staff")
    form = Sending(uuid4(), "typed")
    for _click in range(3):
        changing.add_reason(entry=entry_of(jana), group=school, code=code, now=NOW, form=form)
    ended = entry_of(jana)
    changing.leave(entry=ended, now=NOW)
    with pytest.raises(AlreadyEnded):
        changing.add_reason(entry=ended, group=school, code=code, now=NOW)
    assert Tries.objects.get().count == 0


def test_the_second_click_of_a_change_of_telephone_leads_to_the_list(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    client, address = open_with(PHONE), page("my_phone_pin", jana)
    send_form(client, page("my_phone", jana), phone=OTHER, **solved_captcha())
    sent = {"form_key": uuid4(), "pin": pins_to(OTHER)[-1]}
    answers = [client.post(address, sent), client.post(address, sent)]
    assert [answer.headers["Location"] for answer in answers] == [MINE, MINE]
    assert "belongs to another telephone now" in text_of(client.get(MINE))
    unknown = client.post(reverse("registration:my_phone_pin", args=["0" * 20]), sent)
    assert unknown.headers["Location"] == MINE


def test_leaving_asks_first_and_coming_back_keeps_the_number(open_with: Open) -> None:
    client = open_with(PHONE)
    for one in both():
        assert "Reserved times are given back at once" in text_of(client.get(page("my_leaving", one)))
        assert not entry_of(one).is_ended
        send_form(client, page("my_leaving", one))
        assert entry_of(one).may_come_back
        assert client.get(page("my_email", one)).status_code == 302
        assert "Renew the registration" in text_of(client.get(page("my_registration", one)))
        send_form(client, page("my_return", one))
        assert not entry_of(one).is_ended
    assert len(texts_to(PHONE, "registration/ended")) == len(texts_to(PHONE, "registration/reopened")) == 2


def test_what_staff_ended_is_not_renewed_from_here(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    ending.end(registration=jana, ending=Registration.Ending.STAFF, now=NOW)
    client = open_with(PHONE)
    assert "Renew" not in text_of(client.get(page("my_registration", jana)))
    answer = client.post(page("my_return", jana), follow=True)
    assert "cannot be opened again from here" in text_of(answer)


# --- another telephone --------------------------------------------------------------------------


def test_the_registered_telephone_decides_what_another_one_claims(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    claim = make_claim(jana, email="nova@example.cz")
    client = open_with(PHONE)
    shown = client.get(page("my_registration", jana))
    assert "somebody with another telephone" in text_of(shown)
    asked = client.get(page("my_other_phone", jana))
    assert "ends with 78" in text_of(asked)
    assert "602345" not in asked.content.decode().replace(" ", "")
    address = page("my_other_phone", jana)
    assert send_form(client, address, answer="MOVED").headers["Location"] == MINE
    jana.refresh_from_db()
    assert (jana.phone.as_e164, jana.email) == (OTHER, "nova@example.cz")
    assert texts_to(PHONE, "registration/claim_moved_away")
    assert texts_to(OTHER, "registration/claim_moved")
    claim.refresh_from_db()
    assert claim.resolved_by is None


def test_a_no_leaves_all_as_it_was_and_tells_both(open_with: Open) -> None:
    jana = make_registration(phone=PHONE)
    make_claim(jana)
    client = open_with(PHONE)
    send_form(client, page("my_other_phone", jana), answer="KEPT")
    assert str(Registration.objects.get(pk=jana.pk).phone) == PHONE
    assert texts_to(PHONE, "registration/claim_kept")
    assert texts_to(OTHER, "registration/claim_refused")
    assert "Nobody is registered" in text_of(open_with(OTHER).get(MINE))


# --- what is kept -------------------------------------------------------------------------------


def test_what_is_kept_can_be_printed_and_downloaded_with_numbers_masked(open_with: Open) -> None:
    jana = make_registration(phone=PHONE, email="jana@example.cz", doses_received=1)
    for whose in ("jana@example.cz", PHONE):
        Message.objects.create(channel="SMS", recipient=whose, template=f"registration/to_{whose}")
    number = jana.person.insured_number
    client = open_with(PHONE)
    file = client.get(page("my_data_file", jana))
    assert file.headers["Content-Disposition"].startswith("attachment")
    kept = json.loads(file.content)
    assert kept["insured_number"] == "•" * 7 + number[-3:]
    assert [one["kind"] for one in kept["messages"]] == [f"registration/to_{PHONE}"]
    assert (kept["email"], kept["telephone"]) == ("jana@example.cz", "601 234 567")
    for answer in (file, client.get(page("my_data", jana))):
        assert number not in answer.content.decode()
        assert "dose" not in answer.content.decode().lower()
