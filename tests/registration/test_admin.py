"""The staff's screens find people and show no whole number."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crs.no_break import breakable
from registration.applying.registering import register
from registration.models import Person, PersonLook, PriorityGroup, Registration, RegistrationClaim
from registration.people.identity_document import IdentityDocument
from tests.cast import JANA, KAREL, MARIE, PETR
from tests.factories import make_invitation, make_registration
from tests.pages import english, log_in

pytestmark = pytest.mark.django_db

REGISTRATIONS = reverse("admin:registration_registration_changelist")
PERSONS = reverse("admin:registration_person_changelist")
CLAIMS = reverse("admin:registration_registrationclaim_changelist")
GROUPS = reverse("admin:registration_prioritygroup_changelist")


@pytest.fixture
def operator(client: Client) -> Client:
    """Somebody on the line 1221 who may look."""
    user = User.objects.create_user("operator", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(content_type__app_label="registration", codename__startswith="view_")
    )
    log_in(client, user)
    return client


@pytest.fixture
def registered() -> Registration:
    """Marie and Karel are registered; Jana claims Marie."""
    for person in (KAREL, MARIE):
        made = register(phone=person.phone, details=person.details(), language="cs", now=timezone.now())
    register(phone=JANA.phone, details=MARIE.details(), language="cs", now=timezone.now())
    assert isinstance(made, Registration)
    return made


@pytest.mark.parametrize("url", [REGISTRATIONS, PERSONS, CLAIMS])
@pytest.mark.parametrize(
    "asked", ["385512/123", "601 234 567", "dvořák", "marie", "DVORAKOVA marie", "vorak", "number"]
)
def test_staff_find_marie_by_what_she_says_on_the_telephone(
    operator: Client, registered: Registration, url: str, asked: str
) -> None:
    text = {"number": "\u202d" + "-".join(registered.number)}.get(asked, asked)
    if url == CLAIMS and asked in ("601 234 567", "number"):  # the claim has its own of these
        claim = RegistrationClaim.objects.get()
        text = claim.number if asked == "number" else JANA.phone
    answer = operator.post(url, {"private_search": "1", "q": text})
    assert asked not in answer.headers["Location"]
    page = operator.get(answer.headers["Location"]).content.decode()
    assert "Dvořáková" in page
    assert "Novák" not in page


def test_a_search_for_nonsense_finds_nobody(operator: Client, registered: Registration) -> None:
    page = operator.post(PERSONS, {"private_search": "1", "q": "x\x00y"}, follow=True)
    assert page.status_code == 200
    assert "Dvořáková" not in page.content.decode()


def test_a_search_for_nobody_finds_nobody(operator: Client, registered: Registration) -> None:
    answer = operator.post(PERSONS, {"private_search": "1", "q": PETR.insured_number}, follow=True)
    assert "Dvořáková" not in answer.content.decode()
    assert "Dvořáková" not in operator.get(PERSONS, {"q": "Dvořáková"}).content.decode()
    assert operator.post(PERSONS, {"private_search": "1", "q": ""}).headers["Location"] == PERSONS


def test_no_page_shows_the_whole_insured_number(operator: Client, registered: Registration) -> None:
    detail = reverse("admin:registration_person_change", args=[registered.person_id])
    claim = reverse("admin:registration_registrationclaim_change", args=[RegistrationClaim.objects.get().pk])
    own = reverse("admin:registration_registration_change", args=[registered.pk])
    for url in (REGISTRATIONS, PERSONS, CLAIMS, detail, claim, own):
        page = operator.get(url)
        assert page.status_code == 200
        assert "385512123" not in page.content.decode()
    assert "385512/•••" in operator.get(detail).content.decode()


def test_nobody_edits_a_person_or_a_registration_there(admin_client: Client, registered: Registration) -> None:
    url = reverse("admin:registration_person_change", args=[registered.person_id])
    assert admin_client.post(url, {"last_name": "X"}).status_code == 403
    assert admin_client.get(reverse("admin:registration_registration_add")).status_code == 403


def test_an_outsider_is_asked_to_log_in(client: Client) -> None:
    assert "/admin/login/" in client.get(REGISTRATIONS).headers["Location"]


def test_each_look_at_a_person_is_written_down(operator: Client, registered: Registration) -> None:
    claim = RegistrationClaim.objects.get()
    looked_at = {"person": registered.person_id, "registration": registered.pk, "registrationclaim": claim.pk}
    for name, key in looked_at.items():
        for _time in range(2):
            assert operator.get(reverse(f"admin:registration_{name}_change", args=[key])).status_code == 200
    looks = list(PersonLook.objects.order_by("pk").values_list("person", "page", "user__username"))
    pages = [f"admin:registration_{name}_change" for name in looked_at]
    assert looks == [(registered.person_id, page, "operator") for page in pages]


@pytest.mark.parametrize("url", [REGISTRATIONS, PERSONS, CLAIMS])
def test_a_list_is_a_look_at_everybody_whose_name_stands_in_it(
    operator: Client, registered: Registration, url: str
) -> None:
    page = operator.get(url).content.decode()
    shown = set(Person.objects.filter(last_name__in=[one for one in ("Dvořáková", "Novák") if one in page]))
    assert registered.person in shown
    assert {look.person for look in PersonLook.objects.select_related("person")} == shown


def test_the_history_of_a_row_is_a_look_at_its_person(operator: Client, registered: Registration) -> None:
    assert operator.get(reverse("admin:registration_person_history", args=[registered.person_id])).status_code == 200
    assert PersonLook.objects.get().person == registered.person


def test_whoever_may_not_look_leaves_no_look(client: Client, registered: Registration) -> None:
    log_in(client, User.objects.create_user("outsider", is_staff=True))
    client.get(reverse("admin:registration_person_change", args=[registered.person_id]))
    assert not PersonLook.objects.exists()


def test_a_group_is_read_there_with_its_rules_and_leads_to_the_page_where_they_are_planned(
    admin_client: Client,
) -> None:
    page = reverse("registration:group", args=["age-70"])
    assert page in admin_client.get(GROUPS).content.decode()
    detail = reverse("admin:registration_prioritygroup_change", args=["age-70"])
    shown = admin_client.get(detail).content.decode()
    assert page in shown
    assert "1. března 2021 8:00" in breakable(shown)
    assert admin_client.post(detail, {"phase": "II"}).status_code == 403
    assert PriorityGroup.objects.get(code="age-70").phase == "IB"


@pytest.mark.usefixtures("clock")
def test_the_list_asks_no_more_for_more_people(
    operator: Client, registered: Registration, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_invitation(registered)
    operator.get(REGISTRATIONS)
    # With the session, read and noted, the looks, and how far each has come.
    with django_assert_max_num_queries(20) as few:
        operator.get(REGISTRATIONS)
    asked = len(few)
    for _number in range(3):
        make_invitation(make_registration())
    operator.get(REGISTRATIONS)  # a look at somebody is written down once
    with django_assert_max_num_queries(asked):
        assert operator.get(REGISTRATIONS).content.decode().count("PIN2") == 1 + 3


@pytest.mark.parametrize("asked", ["FE123456", "fe 123-456"])
def test_a_person_without_an_insured_number_is_found_by_their_document_and_shown_masked(
    operator: Client, registered: Registration, asked: str
) -> None:
    passport = IdentityDocument("PASSPORT", "UA", "FE123456")
    Person.objects.filter(pk=registered.person_id).update(
        insured_number=None,
        insured_number_hash="",
        sex="F",
        document_type=passport.type,
        document_country=passport.country,
        document_number=passport.number,
        document_hash=passport.lookup_hash,
    )
    english(operator)
    page = operator.post(PERSONS, {"private_search": "1", "q": asked}, follow=True).content.decode()
    assert "passport, Ukraine, •••••456" in page
    assert "Novák" not in page
    detail = operator.get(reverse("admin:registration_person_change", args=[registered.person_id])).content.decode()
    assert "FE123456" not in page + detail
    assert "female" in detail
