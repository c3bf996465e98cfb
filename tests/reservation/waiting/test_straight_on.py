"""Who registers goes straight on, waits, or reads why not; a claim reads like a registration."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from celery.signals import worker_ready
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crs import queueing
from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration.applying import going_on
from registration.groups.eligibility import Facts
from registration.models import GroupRule, PhoneVerification, Registration, RegistrationClaim
from registration.number import grouped, page_key
from registration.telephones.session import PROVEN, VERIFICATION
from reservation import tasks
from reservation.inviting import invitations, unused
from reservation.models import Invitation, InvitationPause, WaitingListEntry
from reservation.waiting import entries, straight_on
from tests.cast import KAREL, MARIE, CastMember
from tests.factories import NOW, make_invitation, make_registration, make_site
from tests.pages import browser, text_of
from tests.race import race
from tests.registration.steps import send
from tests.reservation.conftest import MakePair
from tests.reservation.waiting.conftest import count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FORM, DONE, SITE = "/registrace/formular/", "/registrace/hotovo/", "/rezervace/misto/"


def proven(phone: str) -> Client:
    client, now = browser(), timezone.now()
    proof = PhoneVerification.objects.create(phone=phone, created_at=now, asked_at=now, verified_at=now)
    session = client.session
    session[VERIFICATION] = session[PROVEN] = str(proof.pk)
    session.save()
    return client


def register(person: CastMember, site: VaccinationSite, phone: str = "") -> tuple[Client, str, Any]:
    """The browser, the number and the page after the form."""
    count()
    client = proven(phone or person.phone)
    where = {"region": "CZ010", "district": "CZ0100", "sites": [str(site.pk)]}
    answer = send(client, person.form(**where))
    assert answer.headers["Location"] == DONE, answer.context["form"].errors
    return client, client.session["registration_made"]["number"], client.get(DONE)


def go_on(client: Client, number: str) -> Any:
    return client.post(reverse("registration:my_going_on", args=[page_key(number)]))


def test_who_registers_while_seats_are_free_chooses_in_the_same_session(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    first, _ = make_pair(day=3)
    client, number, page = register(MARIE, site)
    assert "You can choose a time now." in text_of(page)
    answer = go_on(client, number)
    assert answer.headers["Location"] == SITE
    assert "Nemocnice Motol" in text_of(client.get(SITE))
    invitation = Invitation.objects.get()
    assert invitation.used_at == NOW, "it is not one of three that nobody used"
    assert (invitation.kind, Message.objects.filter(template="reservation/invitation", channel="SMS").count()) == (
        "STRAIGHT_ON",
        1,
    )
    assert client.post("/rezervace/drzet/", {"slot": first.pk}).headers["Location"] == "/rezervace/potvrdit/"
    # Pressed twice, or in a second tab: the same PIN2.
    assert go_on(client, number).headers["Location"] == SITE
    assert Invitation.objects.get() == invitation


def messages_of(number: str) -> dict[str, str]:
    """What was sent about a registration or a claim, by channel."""
    told = Message.objects.filter(template="registration/registered")
    return {one.channel: one.text for one in told if breakable(grouped(number)) in breakable(one.text)}


def test_when_all_is_taken_the_page_and_the_messages_say_so_and_the_person_is_on_the_list(
    site: VaccinationSite,
) -> None:
    client, number, page = register(MARIE, site)
    told = messages_of(number)
    assert sorted(told) == ["EMAIL", "SMS"]
    for text in (text_of(page), *told.values()):
        assert "ou are on the waiting list" in text
    # The page and the e-mail tell it in the same words.
    for words in ("All times are taken where you would like to go.", "we keep it for you and send you an SMS."):
        assert words in text_of(page)
        assert words in told["EMAIL"]
    assert not [text for text in told.values() if "When it is your turn" in text]
    entry = WaitingListEntry.objects.get()
    assert (entry.registration.number, entry.left_at) == (number, None)
    page = client.get(reverse("registration:my_registration", args=[page_key(number)]))
    assert "All times are taken now. You keep your place." in text_of(page)
    assert "You cannot choose a time right now" in text_of(go_on(client, number))
    assert not Invitation.objects.exists()


def test_when_somebody_before_the_person_waits_for_the_seats_they_wait_too(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3, capacity=5)
    older = make_registration(birth_date=date(1920, 1, 1), sites=(site,))
    client, number, page = register(MARIE, site)
    assert "You can choose a time now." not in text_of(page)
    for text in (text_of(page), *messages_of(number).values()):
        assert "waiting list" not in text
    assert "Others who come before you wait" in text_of(go_on(client, number))
    assert not WaitingListEntry.objects.exists()
    # Once they are invited, a seat is promised to them, and the others are free.
    Registration.objects.filter(pk=older.pk).update(is_immobile=True)
    count()
    assert go_on(client, number).headers["Location"] == SITE


def test_when_the_group_is_not_open_the_page_says_from_when(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    opens = NOW + timedelta(days=9)
    GroupRule.objects.update(invites_from=opens)
    client, number, page = register(MARIE, site)
    assert "It begins on 20 January 2027." in text_of(page)
    assert "You cannot choose a time right now" in text_of(go_on(client, number))
    GroupRule.objects.update(invites_from=None)
    assert "The day is not known." in text_of(register(KAREL, site)[2])


def test_a_fault_loses_nothing_and_says_how_to_go_on(
    site: VaccinationSite, make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_pair(day=3)

    def away(*_: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        source = going_on.Source(look=away, join=away, go=away)  # type: ignore[arg-type]
        patch.setattr(going_on._Asked, "source", source)
        client, number, page = register(MARIE, site)
        assert "there is a fault on our side" in text_of(page)
        assert "there is a fault on our side" in text_of(go_on(client, number))
    page = client.get(reverse("registration:my_registration", args=[page_key(number)]))
    assert "You can choose a time now." in text_of(page)


def test_a_claim_reads_like_a_registration_and_gets_neither_a_place_nor_a_way_in(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    with time_machine.travel(NOW - timedelta(days=2)):
        register(MARIE, site)
    WaitingListEntry.objects.all().delete()
    # Given that nothing is free
    claimant, number, claimed = register(MARIE, site, phone="+420777123456")
    assert RegistrationClaim.objects.get().number == number
    assert "You are on the waiting list." in text_of(claimed)
    sms = Message.objects.filter(template="registration/registered", channel="SMS").order_by("pk")
    registered, answered = (
        "".join(one for one in text if not one.isdigit()) for text in sms.values_list("text", flat=True)
    )
    assert registered == answered
    mine = claimant.get(reverse("registration:my_registration", args=[page_key(number)]))
    assert "All times are taken now. You keep your place." in text_of(mine)
    assert not WaitingListEntry.objects.exists()
    # When seats become free, Marie herself comes before whoever says that they are Marie
    make_pair(day=3, capacity=5)
    count()
    address = reverse("registration:my_registration", args=[page_key(number)])
    assert "You can choose a time now." not in text_of(claimant.get(address))
    # and once she is invited, the page shows what it shows everybody, and the press leads nowhere.
    make_invitation(Registration.objects.get())
    count()
    assert "You can choose a time now." in text_of(claimant.get(address))
    assert "You cannot choose a time right now" in text_of(go_on(claimant, number))
    assert Invitation.objects.count() == 1


def test_whose_telephone_it_is_not_goes_nowhere(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    _, number, _ = register(MARIE, site)
    stranger = proven("+420777123456")
    assert go_on(stranger, number).status_code == 302
    assert not Invitation.objects.exists()
    assert stranger.get(SITE).headers["Location"] == "/rezervace/"
    # Nor does a GET act, whoever sends it.
    mine = reverse("registration:my_going_on", args=[page_key(number)])
    assert proven(MARIE.phone).get(mine).status_code == 302
    assert not Invitation.objects.exists()


def test_nobody_who_registers_has_the_others_ranked_and_without_a_count_they_wait(
    site: VaccinationSite, make_pair: MakePair, django_assert_num_queries: Any
) -> None:
    make_pair(day=3)
    person = make_registration(sites=(site,))
    look = partial(straight_on.look, Facts(person.person.birth_date), {"CZ010"}, NOW, NOW)
    count()
    with django_assert_num_queries(1):  # the rules in force
        assert look() == "GO"
    cache.clear()  # as where Valkey is away
    with django_assert_num_queries(1):
        assert look() == "UNKNOWN"
    assert straight_on.invite(registration_id=person.pk, now=NOW) is None


def test_without_a_count_a_registration_and_a_claim_read_that_the_fault_is_ours(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3, capacity=5)
    mine, number, _ = register(MARIE, site)
    claimant, claimed, _ = register(MARIE, site, phone="+420777123456")
    cache.clear()
    for client, key in ((mine, number), (claimant, claimed)):
        page = client.get(reverse("registration:my_registration", args=[page_key(key)]))
        assert "there is a fault on our side" in text_of(page)
        assert "there is a fault on our side" in text_of(go_on(client, key))
    assert not Invitation.objects.exists()


def test_while_more_people_wait_than_a_run_invites_nobody_who_comes_after_them_goes_on(
    site: VaccinationSite, make_pair: MakePair, settings: Any
) -> None:
    settings.INVITATIONS_PER_RUN = 2
    make_pair(day=3, capacity=9)
    full = make_site("Brno", "CZ0642")
    young = partial(straight_on.look, Facts(date(1946, 1, 1)), registered_at=NOW, now=NOW)
    tasks.invite()
    assert (young({"CZ010"}), young({"CZ064"})) == ("GO", "FULL")
    for _ in range(3):
        make_registration(birth_date=date(1930, 1, 1), sites=(site,))
    tasks.invite()
    assert (young({"CZ010"}), young({"CZ064"})) == ("LATER", "FULL")
    person = make_registration(birth_date=date(1946, 1, 1), sites=(site, full))
    assert straight_on.invite(registration_id=person.pk, now=NOW) is None
    tasks.invite()
    assert Invitation.objects.count() == 4
    assert young({"CZ010"}) == "LATER", "the last run was full, too"
    tasks.invite()
    assert young({"CZ010"}) == "GO"


def test_when_a_group_opens_nobody_goes_on_before_it_was_looked_who_waits(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """A minute ago only those of 80 were invited, and none of them waited."""
    make_pair(day=3)
    opens = NOW + timedelta(seconds=20)
    GroupRule.objects.exclude(group="age-80").update(invites_from=opens)
    older = make_registration(birth_date=date(1950, 1, 1), sites=(site,), created_at=NOW - timedelta(days=3))
    younger = make_registration(birth_date=date(1955, 1, 1), sites=(site,))
    count()
    later = opens + timedelta(seconds=1)
    assert straight_on.look(Facts(date(1955, 1, 1)), {"CZ010"}, later, later) == "LATER"
    assert straight_on.invite(registration_id=younger.pk, now=later) is None
    straight_on.count(now=later)
    assert straight_on.invite(registration_id=younger.pk, now=later) is None
    assert straight_on.invite(registration_id=older.pk, now=later)


def test_what_a_run_has_promised_since_the_count_is_nobody_elses(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    count()
    make_registration(birth_date=date(1950, 1, 1), sites=(site,))
    invitations.invite(limit=9, now=NOW)
    older = make_registration(birth_date=date(1920, 1, 1), sites=(site,))
    assert straight_on.invite(registration_id=older.pk, now=NOW) is None
    assert Invitation.objects.count() == 1


def test_whoever_presses_when_the_page_is_old_reads_why_not(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    client, number, _ = register(MARIE, site)
    make_invitation()
    count()
    assert "All times are taken now. You keep your place." in text_of(go_on(client, number))
    GroupRule.objects.update(invites_from=NOW + timedelta(days=9))
    page = text_of(go_on(client, number))
    assert "It begins on 20 January 2027." in page
    assert "Others who come before you" not in page


def test_whoever_goes_on_by_their_own_press_is_not_paused_any_more(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3, capacity=5)
    going, joining = make_registration(sites=(site,)), make_registration(sites=(site,))
    for one in (going, joining):
        InvitationPause.objects.create(registration=one, paused_at=NOW)
    count()
    assert straight_on.invite(registration_id=going.pk, now=NOW)
    entries.join(registration_id=joining.pk, now=NOW)
    assert [unused.standing_pause(one.pk) for one in (going, joining)] == [None, None]


@pytest.mark.django_db(transaction=True)
def test_one_seat_lets_one_person_go_on_however_many_press_at_once(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    count()
    people = [make_registration(birth_date=date(1944 - n, 1, 1), sites=(site,)) for n in range(4)]
    race(*[partial(straight_on.invite, registration_id=one.pk, now=NOW) for one in people[:3]])
    straight_on.invite(registration_id=people[3].pk, now=NOW)
    assert Invitation.objects.count() == 1
    assert straight_on.look(Facts(date(1930, 1, 1)), {"CZ010"}, NOW, NOW) == "FULL"
    count()
    assert straight_on.look(Facts(date(1930, 1, 1)), {"CZ010"}, NOW, NOW) == "FULL"


def test_a_worker_that_starts_has_it_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(queueing, "send", sent.append)
    worker_ready.send(sender=None)
    assert sent == [tasks.invite.name]
