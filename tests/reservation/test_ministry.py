"""The ministry's role does what it is for without being superuser, and nothing beyond."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from crs.messaging.models import Message
from logistics.models import SITE_ROLES, Role, StaffInvitation, StaffRole
from logistics.staff import permissions
from reservation.models import Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_staff
from tests.pages import log_in
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db


# Accounts can be made into anything, so they stay with superusers.
FOR_SUPERUSERS = {User, Group}
ACTIONS = {
    "reservation": {"release_holds"},
    "message": {"send_again"},
    "questionnaire": {"copy_version"},
}


@pytest.fixture
def ministry() -> User:
    user = make_staff(Role.MINISTRY)
    assert not user.is_superuser
    return user


@pytest.fixture
def held(make_invitation: Invite, make_pair: MakePair) -> Reservation:
    taken = booking.hold(invitation_id=make_invitation().pk, slot_id=make_pair(capacity=3)[0].pk, now=NOW)
    return Reservation.objects.get(pk=taken.reservation_id)


def chosen(client: Client, model: str, action: str, *rows: Any) -> None:
    """Do `action` with `rows` on the screen."""
    app = "messaging" if model == "message" else "registration" if model == "prioritygroup" else "reservation"
    page = reverse(f"admin:{app}_{model}_changelist")
    client.post(page, {"action": action, "_selected_action": [str(row.pk) for row in rows]})


def test_every_screen_opens_to_the_ministry_but_accounts(client: Client, ministry: User, held: Reservation) -> None:
    log_in(client, ministry)
    assert client.get(reverse("admin:index")).status_code == 200
    actions = {}
    for model, screen in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        listed = client.get(reverse(f"admin:{name}_changelist"))
        assert listed.status_code == (403 if model in FOR_SUPERUSERS else 200), name
        if model in FOR_SUPERUSERS:
            assert client.get(reverse(f"admin:{name}_add")).status_code == 403
            continue
        row = model._default_manager.first()
        if row is not None:
            for page in ("change", "history"):
                assert client.get(reverse(f"admin:{name}_{page}", args=[row.pk])).status_code == 200, (name, page)
        offered = set(screen.get_actions(listed.wsgi_request)) - {"delete_selected"}
        if offered:
            actions[model._meta.model_name] = offered
    assert actions == ACTIONS


def test_the_ministry_gives_the_places_of_a_hold_back(client: Client, ministry: User, held: Reservation) -> None:
    log_in(client, ministry)
    chosen(client, "reservation", "release_holds", held)
    held.refresh_from_db()
    assert held.state == Reservation.State.CANCELLED


def test_the_ministry_sends_a_failed_message_again(client: Client, ministry: User) -> None:
    failed = Message.objects.create(
        channel="SMS", recipient="+420601234567", template="x/y", language="cs", text="Ahoj", state="FAILED"
    )
    log_in(client, ministry)
    chosen(client, "message", "send_again", failed)
    failed.refresh_from_db()
    assert failed.state == Message.State.QUEUED


def test_the_ministry_invites_staff_and_takes_their_roles(client: Client, ministry: User, held: Reservation) -> None:
    log_in(client, ministry)
    site = Slot.objects.all()[0].site
    client.post(reverse("logistics:site_staff", args=[site.pk]), {"email": "eva@example.cz", "role": "MANAGER"})
    client.post(reverse("logistics:office_staff"), {"email": "dan@example.cz", "role": "MINISTRY"})
    assert set(StaffInvitation.objects.values_list("email", flat=True)) == {"eva@example.cz", "dan@example.cz"}
    manager = StaffRole.objects.get(user=make_staff(Role.MANAGER, site=site))
    client.post(reverse("logistics:take_role", args=[manager.pk]))
    assert not StaffRole.objects.filter(pk=manager.pk).exists()


def test_permissions_end_with_the_role_and_with_the_account(client: Client, ministry: User) -> None:
    log_in(client, ministry)
    people = reverse("admin:registration_person_changelist")
    assert client.get(people).status_code == 200
    assert ministry.get_all_permissions() == {act for act in permissions.acts() if "." in act}
    StaffRole.objects.filter(user=ministry).delete()
    assert client.get(people).status_code == 403
    gone = make_staff(Role.MINISTRY)
    gone.is_active = False
    assert not gone.has_perm("registration.view_person")
    assert not gone.has_module_perms("registration")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.MINISTRY, Role.SUPPORT_LEAD)])
def test_no_other_role_brings_any(role: Role, held: Reservation) -> None:
    site = Slot.objects.all()[0].site
    place: dict[str, Any] = {"site": site} if role in SITE_ROLES else {}
    user = make_staff(role, **({"region": site.lies_in} if role == Role.REGION else place))
    assert not user.get_all_permissions()
