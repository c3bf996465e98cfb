"""Who sees which tickets, and who works on them."""

import pytest
from django.contrib.auth.models import User

from logistics.models import Role
from support.models import Desk, Ticket
from support.tickets import visible
from tests.factories import make_agent, make_site, make_staff, make_ticket

pytestmark = pytest.mark.django_db
# A region in which a site lies by its district, and one that lies there by its own word.
HERE = "CZ031"


@pytest.fixture
def tickets() -> dict[str, Ticket]:
    return {
        "here": make_ticket(site=make_site("A", "CZ0317")),
        "here too": make_ticket(site=make_site("B", district_id=None, region_id=HERE)),
        "elsewhere": make_ticket(site=make_site("C", "CZ0100")),
        "of no site": make_ticket(),
        "higher": make_ticket(level=2),
        "of the line": make_ticket(desk=Desk.LINE),
    }


def seen(user: User, tickets: dict[str, Ticket]) -> set[str]:
    keys = set(visible.tickets_for(user).values_list("pk", flat=True))
    return {name for name, ticket in tickets.items() if ticket.pk in keys}


def worked(user: User, tickets: dict[str, Ticket]) -> set[str]:
    return {name for name, ticket in tickets.items() if visible.may_work(user, ticket)}


def test_the_field_team_of_a_region_sees_its_sites_and_tickets_of_no_site(tickets: dict[str, Ticket]) -> None:
    user = make_agent(Role.SUPPORT_L1, HERE)
    assert seen(user, tickets) == {"here", "here too", "of no site", "higher"}
    assert worked(user, tickets) == {"here", "here too", "of no site"}
    assert visible.level_of(user) == 1


def test_the_field_team_of_all_regions_sees_the_desk_of_sites(tickets: dict[str, Ticket]) -> None:
    user = make_agent(Role.SUPPORT_L1)
    assert seen(user, tickets) == tickets.keys() - {"of the line"}
    assert worked(user, tickets) == tickets.keys() - {"of the line", "higher"}


@pytest.mark.parametrize("role", [Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD])
def test_the_other_levels_see_all(role: Role, tickets: dict[str, Ticket]) -> None:
    assert seen(make_agent(role), tickets) == worked(make_agent(role), tickets) == set(tickets)


def test_whoever_has_two_roles_has_the_higher_one(tickets: dict[str, Ticket]) -> None:
    user = make_agent(Role.SUPPORT_L1, HERE, name="dva")
    make_agent(Role.SUPPORT_L2, name="dva")
    assert seen(user, tickets) == set(tickets)


def test_others_see_nothing_and_a_superuser_all(tickets: dict[str, Ticket], admin_user: User) -> None:
    for user in (make_staff(Role.MANAGER, site=make_site()), make_staff(Role.MINISTRY)):
        assert seen(user, tickets) == worked(user, tickets) == set()
    assert worked(admin_user, tickets) == set(tickets)


def test_who_is_offered_for_a_ticket_is_who_may_work_on_it(tickets: dict[str, Ticket], admin_user: User) -> None:
    people = [
        *(make_agent(role) for role in (Role.SUPPORT_L1, Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD)),
        *(make_agent(Role.SUPPORT_L1, region, name=region) for region in (HERE, "CZ010")),
        make_agent(Role.SUPPORT_L1, HERE, name="dva"),
        make_staff(Role.MANAGER, site=tickets["here"].site),
        admin_user,
    ]
    make_agent(Role.SUPPORT_L2, name="dva")
    gone = make_agent(Role.SUPPORT_L3, name="odešla")
    gone.is_active = False
    gone.save()
    for ticket in (*tickets.values(), make_ticket(level=3)):
        able = {user for user in (*people, gone) if visible.may_work(user, ticket)}
        assert set(visible.workers_on(ticket)) == able
    assert visible.level_of(gone) is None
