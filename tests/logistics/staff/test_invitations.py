"""Who invites whom, what an invitation is worth, and that a site keeps a manager."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group, Permission, User

from crs.accounts import second_factor
from crs.accounts.codes import plain
from crs.messaging.models import Message
from logistics.models import Region, Role, StaffInvitation, StaffRole, VaccinationSite
from logistics.models.staff import OFFICE_ROLES, SITE_ROLES
from logistics.staff import invitations, permissions, roles, second_factor_reset
from logistics.staff.errors import (
    AccountExists,
    CannotReset,
    InvitationExpired,
    InvitationUsed,
    InvitationWithdrawn,
    LastManager,
    NoSuchInvitation,
    NothingToWithdraw,
    NotToYourself,
    NotYoursToGive,
)
from logistics.staff.permissions import Act
from tests.factories import make_site, make_staff, totp

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))
EMAIL = "eva.mala@nemocnice.example"


@pytest.fixture
def tabor() -> VaccinationSite:
    return make_site()


@pytest.fixture
def brno() -> VaccinationSite:
    return make_site("Výstaviště Brno", "CZ0642")


def place_of(role: Role, site: VaccinationSite) -> dict[str, Any]:
    """Where somebody has `role` who answers for the site."""
    return {Role.REGION: {"region": site.lies_in}, Role.MINISTRY: {}}.get(role, {"site": site})


def code_in_email() -> str:
    """The code as it stands in the last e-mail, with the space in the middle."""
    text = Message.objects.latest("pk").text or ""
    return next(line for line in text.splitlines() if line.startswith("2.")).split(": ")[-1].rpartition(":")[2].strip()


def invited(site: VaccinationSite, by: User, role: Role = Role.VACCINATOR) -> tuple[StaffInvitation, str]:
    invitation = invitations.invite(email=EMAIL, role=role, site=site, by=by, now=NOW)
    return invitation, code_in_email()


def accepted(invitation: StaffInvitation, now: datetime = NOW) -> User:
    return invitations.accept_as_new(
        invitation_id=invitation.pk, first_name="Eva", last_name="Malá", password="tri-nase-slova", now=now
    )


@pytest.mark.parametrize(
    ("role", "above"), [(Role.MANAGER, []), (Role.IT, [Role.MANAGER]), (Role.REGION, []), (Role.MINISTRY, [])]
)
def test_staff_give_the_roles_of_their_site_up_to_their_own_and_nothing_else(
    tabor: VaccinationSite, brno: VaccinationSite, role: Role, above: list[Role]
) -> None:
    by = make_staff(role, **place_of(role, tabor))
    for given in SITE_ROLES:
        if given in above:
            with pytest.raises(NotYoursToGive):
                invitations.invite(email=EMAIL, role=given, site=tabor, by=by, now=NOW)
        else:
            assert invitations.invite(email=EMAIL, role=given, site=tabor, by=by, now=NOW).role == given
    if role == Role.MINISTRY:
        return
    with pytest.raises(NotYoursToGive):
        invitations.invite(email=EMAIL, role=Role.VACCINATOR, site=brno, by=by, now=NOW)
    for office in OFFICE_ROLES:
        with pytest.raises(NotYoursToGive):
            invitations.invite(email=EMAIL, role=office, site=tabor, by=by, now=NOW)


@pytest.mark.parametrize("role", [Role.IT, Role.MANAGER, Role.REGION, Role.MINISTRY])
def test_nobody_gives_a_role_to_themselves(tabor: VaccinationSite, role: Role) -> None:
    by = make_staff(role, **place_of(role, tabor), name="it")
    second = User.objects.create_user("druhy", "druhy@example.cz")
    for email in ("it@example.cz", "IT@Example.cz"):
        with pytest.raises(NotToYourself):
            invitations.invite(email=email, role=Role.REGISTRAR, site=tabor, by=by, now=NOW)
    # Nor through an e-mail that became theirs afterwards.
    invitation, _ = invited(tabor, by, Role.REGISTRAR)
    with pytest.raises(NotToYourself):
        invitations.accept(invitation_id=invitation.pk, user=by, now=NOW)
    assert StaffRole.objects.filter(user=by).count() == 1
    invitations.accept(invitation_id=invitation.pk, user=second, now=NOW)


def test_an_invitation_above_the_rank_of_its_sender_gives_nothing(tabor: VaccinationSite) -> None:
    it = make_staff(Role.MANAGER, site=tabor, name="it")
    invitation, code = invited(tabor, it, Role.MANAGER)
    StaffRole.objects.filter(user=it).update(role=Role.IT)
    with pytest.raises(InvitationExpired):
        invitations.find_invitation(email=EMAIL, code=code, now=NOW)
    with pytest.raises(InvitationExpired):
        accepted(invitation)


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VACCINATOR, Role.STOCK_KEEPER])
def test_the_others_of_a_site_invite_nobody(tabor: VaccinationSite, role: Role) -> None:
    with pytest.raises(NotYoursToGive):
        invitations.invite(email=EMAIL, role=role, site=tabor, by=make_staff(role, site=tabor), now=NOW)
    assert not Message.objects.exists()


def test_a_coordinator_invites_to_the_sites_of_the_region(tabor: VaccinationSite, brno: VaccinationSite) -> None:
    coordinator = make_staff(Role.REGION, region=Region.objects.get(pk="CZ031"))
    assert invitations.invite(email=EMAIL, role=Role.MANAGER, site=tabor, by=coordinator, now=NOW)
    with pytest.raises(NotYoursToGive):
        invitations.invite(email=EMAIL, role=Role.MANAGER, site=brno, by=coordinator, now=NOW)


def test_the_ministry_invites_everywhere(brno: VaccinationSite) -> None:
    ministry = make_staff(Role.MINISTRY)
    invitations.invite(email=EMAIL, role=Role.MANAGER, site=brno, by=ministry, now=NOW)
    invitations.invite(email=EMAIL, role=Role.REGION, region=Region.objects.get(pk="CZ064"), by=ministry, now=NOW)
    invitations.invite(email=EMAIL, role=Role.MINISTRY, by=User.objects.create_superuser("root"), now=NOW)


def test_the_code_stands_in_the_e_mail_and_nowhere_else(tabor: VaccinationSite) -> None:
    invitation, code = invited(tabor, make_staff(Role.MANAGER, site=tabor))
    message = Message.objects.get()
    assert message.is_secret
    assert message.recipient == EMAIL
    assert len(plain(code)) == 10
    assert plain(code) not in str(StaffInvitation.objects.values().get())
    address = next(word for word in (message.text or "").split() if word.startswith("http"))
    assert address.endswith("/personal/pozvanka/")
    assert invitations.find_invitation(email=EMAIL.upper(), code=code.lower(), now=NOW) == invitation


def test_a_code_with_another_e_mail_or_a_wrong_one_is_unknown(tabor: VaccinationSite) -> None:
    _, code = invited(tabor, make_staff(Role.MANAGER, site=tabor))
    for email, typed in ((EMAIL, "ABCDE 23456"), ("jiny@example.cz", code), (EMAIL, "")):
        with pytest.raises(NoSuchInvitation):
            invitations.find_invitation(email=email, code=typed, now=NOW)


def test_it_is_valid_for_seven_days(tabor: VaccinationSite) -> None:
    invitation, code = invited(tabor, make_staff(Role.MANAGER, site=tabor))
    assert invitations.find_invitation(email=EMAIL, code=code, now=NOW + timedelta(days=7, seconds=-1))
    with pytest.raises(InvitationExpired):
        invitations.find_invitation(email=EMAIL, code=code, now=NOW + timedelta(days=7))
    with pytest.raises(InvitationExpired):
        accepted(invitation, NOW + timedelta(days=7))


def test_a_new_invitation_to_the_same_role_ends_the_older_one(tabor: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    _, first = invited(tabor, manager)
    _, other_role = invited(tabor, manager, Role.REGISTRAR)
    _, second = invited(tabor, manager)
    with pytest.raises(InvitationExpired):
        invitations.find_invitation(email=EMAIL, code=first, now=NOW)
    for code in (other_role, second):
        assert invitations.find_invitation(email=EMAIL, code=code, now=NOW)


def test_who_left_has_nothing_more_to_give(tabor: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    invitation, code = invited(tabor, manager)
    manager.is_active = False
    manager.save()
    with pytest.raises(InvitationExpired):
        invitations.find_invitation(email=EMAIL, code=code, now=NOW)
    User.objects.filter(pk=manager.pk).update(is_active=True)
    StaffRole.objects.filter(user=manager).delete()
    with pytest.raises(InvitationExpired):
        accepted(invitation)
    assert not StaffRole.objects.filter(site=tabor).exists()


def test_who_accepts_has_the_role_at_that_site_and_only_once(tabor: VaccinationSite, brno: VaccinationSite) -> None:
    invitation, code = invited(tabor, make_staff(Role.MANAGER, site=tabor))
    eva = accepted(invitation)
    assert (eva.username, eva.email, eva.get_full_name()) == (EMAIL, EMAIL, "Eva Malá")
    assert eva.is_staff
    assert list(permissions.sites_where(eva, Act.SEE_SITE)) == [tabor]
    for again in (
        lambda: accepted(invitation),
        lambda: invitations.accept(invitation_id=invitation.pk, user=eva, now=NOW),
        lambda: invitations.find_invitation(email=EMAIL, code=code, now=NOW),
    ):
        with pytest.raises(InvitationUsed):
            again()


def test_an_account_that_exists_gets_one_more_role(tabor: VaccinationSite, brno: VaccinationSite) -> None:
    eva = accepted(invited(tabor, make_staff(Role.MANAGER, site=tabor))[0])
    second, _ = invited(brno, make_staff(Role.MANAGER, site=brno))
    assert invitations.invited_account(second) == eva
    with pytest.raises(AccountExists):
        accepted(second)
    invitations.accept(invitation_id=second.pk, user=eva, now=NOW)
    assert set(permissions.sites_where(eva, Act.SEE_SITE)) == {tabor, brno}


def test_a_role_taken_away_ends_at_once_and_stays_in_the_history(tabor: VaccinationSite) -> None:
    manager, keeper = make_staff(Role.MANAGER, site=tabor), make_staff(Role.STOCK_KEEPER, site=tabor)
    role = StaffRole.objects.get(user=keeper)
    roles.take_role(role_id=role.pk, by=manager)
    assert not permissions.sites_where(keeper, Act.SEE_SITE).exists()
    events = StaffRole.pgh_event_model.objects.filter(pgh_obj_id=role.pk)  # type: ignore[attr-defined]
    assert sorted(events.values_list("pgh_label", flat=True)) == ["delete", "insert"]
    context = events.get(pgh_label="delete").pgh_context.metadata
    assert (context["operation"], context["user"]) == ("logistics.take_role", manager.pk)


def test_roles_elsewhere_and_higher_ones_are_not_theirs_to_take(tabor: VaccinationSite, brno: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    others = [make_staff(Role.VACCINATOR, site=brno), make_staff(Role.MINISTRY)]
    for role in StaffRole.objects.filter(user__in=others):
        with pytest.raises(NotYoursToGive):
            roles.take_role(role_id=role.pk, by=manager)


def test_nobody_takes_a_role_or_resets_a_second_factor_above_their_own(tabor: VaccinationSite) -> None:
    it, manager = make_staff(Role.IT, site=tabor), make_staff(Role.MANAGER, site=tabor)
    region = make_staff(Role.REGION, region=tabor.lies_in)
    make_staff(Role.MANAGER, site=tabor)
    for by, above in ((it, manager), (it, region), (manager, region)):
        with pytest.raises(NotYoursToGive):
            roles.take_role(role_id=StaffRole.objects.get(user=above).pk, by=by)
        with pytest.raises(CannotReset):
            second_factor_reset.reset(user=above, by=by)
    for by, below in ((manager, it), (region, manager), (region, it)):
        assert second_factor_reset.may_reset(user=below, by=by)
    roles.take_role(role_id=StaffRole.objects.get(user=it).pk, by=manager)
    roles.take_role(role_id=StaffRole.objects.get(user=manager).pk, by=region)


def test_only_the_region_or_the_ministry_takes_the_last_manager_away(tabor: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    second = make_staff(Role.MANAGER, site=tabor)
    roles.take_role(role_id=StaffRole.objects.get(user=second).pk, by=manager)
    last = StaffRole.objects.get(user=manager).pk
    with pytest.raises(LastManager):
        roles.take_role(role_id=last, by=manager)
    roles.take_role(role_id=last, by=make_staff(Role.REGION, region=Region.objects.get(pk="CZ031")))


def test_the_second_factor_of_a_colleague_is_reset_only_where_all_their_sites_are_mine(
    tabor: VaccinationSite, brno: VaccinationSite
) -> None:
    manager, keeper = make_staff(Role.MANAGER, site=tabor), make_staff(Role.STOCK_KEEPER, site=tabor, name="sklad")
    totp(keeper)
    second_factor_reset.reset(user=keeper, by=manager)
    assert not second_factor.is_set_up(keeper)
    make_staff(Role.STOCK_KEEPER, site=brno, name="sklad")
    strangers = [
        keeper,
        manager,
        make_staff(Role.MINISTRY),
        User.objects.create_superuser("root"),
        User.objects.create_user("nikdo"),
    ]
    for user in strangers:
        with pytest.raises(CannotReset):
            second_factor_reset.reset(user=user, by=manager)
    second_factor_reset.reset(user=keeper, by=make_staff(Role.MINISTRY))


def test_who_has_rights_of_the_administration_is_not_for_a_site_to_reset(tabor: VaccinationSite) -> None:
    manager, colleague = make_staff(Role.MANAGER, site=tabor), make_staff(Role.REGISTRAR, site=tabor)
    assert second_factor_reset.may_reset(user=colleague, by=manager)
    colleague.user_permissions.add(Permission.objects.get(codename="view_person"))
    assert not second_factor_reset.may_reset(user=colleague, by=manager)
    colleague.user_permissions.clear()
    colleague.groups.add(Group.objects.create(name="Podpora"))
    assert not second_factor_reset.may_reset(user=colleague, by=manager)
    assert second_factor_reset.may_reset(user=colleague, by=make_staff(Role.MINISTRY))


def test_a_withdrawn_invitation_gives_nothing_and_says_so(tabor: VaccinationSite, brno: VaccinationSite) -> None:
    manager, colleague = (make_staff(Role.MANAGER, site=tabor) for _ in range(2))
    invitation, code = invited(tabor, manager)
    for stranger in (make_staff(Role.MANAGER, site=brno), make_staff(Role.REGISTRAR, site=tabor)):
        with pytest.raises(NotYoursToGive):
            invitations.withdraw(invitation_id=invitation.pk, by=stranger, now=NOW)
    assert invitations.withdraw(invitation_id=invitation.pk, by=colleague, now=NOW) == tabor
    with pytest.raises(InvitationWithdrawn):
        invitations.find_invitation(email=EMAIL, code=code, now=NOW)
    with pytest.raises(InvitationWithdrawn):  # who had typed the code before
        accepted(invitation, NOW)
    with pytest.raises(NothingToWithdraw):
        invitations.withdraw(invitation_id=invitation.pk, by=manager, now=NOW)
    invitation.refresh_from_db()
    assert (invitation.withdrawn_at, invitation.withdrawn_by) == (NOW, colleague)
    assert not invitations.open_invitations(tabor, now=NOW).exists()


def test_an_accepted_invitation_is_not_withdrawn(tabor: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    invitation, _code = invited(tabor, manager)
    accepted(invitation, NOW)
    with pytest.raises(NothingToWithdraw):
        invitations.withdraw(invitation_id=invitation.pk, by=manager, now=NOW)
    assert StaffRole.objects.filter(role=Role.VACCINATOR, site=tabor).exists()
