"""Sites: the table of states of docs/states.md, who decides, what the history keeps, and the hours of a week."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.contrib.auth.models import User

from logistics.models import Region, Role, VaccinationSite
from logistics.sites import opening_hours, states
from logistics.sites.errors import SiteChangedMeanwhile, SiteError, SiteLiesNowhere, StateNotAllowed
from logistics.sites.opening_hours import Hours
from tests.staff import make_staff

pytestmark = pytest.mark.django_db

State = VaccinationSite.State
MONDAY, SUNDAY = date(2027, 1, 11), date(2027, 1, 17)

# docs/states.md: from, to, whether the manager of the site may
ALLOWED = {
    (State.PREPARING, State.OPEN): True,
    (State.PREPARING, State.CLOSED): False,
    (State.OPEN, State.PAUSED): True,
    (State.OPEN, State.CLOSED): False,
    (State.PAUSED, State.OPEN): True,
    (State.PAUSED, State.CLOSED): False,
    (State.CLOSED, State.PREPARING): False,
    (State.CLOSED, State.OPEN): False,
}

MakeSite = Callable[..., VaccinationSite]


@pytest.fixture
def make_site() -> MakeSite:
    def make(**fields: Any) -> VaccinationSite:
        values = {"name": "Nemocnice Tábor", "district_id": "CZ0317"} | fields
        site = VaccinationSite.objects.create(**values)
        site.refresh_from_db()
        return site

    return make


@pytest.fixture
def ministry() -> User:
    return make_staff(Role.MINISTRY)


@pytest.mark.parametrize("to", State)
@pytest.mark.parametrize("here", State)
def test_a_site_changes_only_as_the_table_says(make_site: MakeSite, ministry: User, here: State, to: State) -> None:
    for user, may in ((ministry, True), (None, ALLOWED.get((here, to), False))):
        site = make_site(state=here)
        by = user or make_staff(Role.MANAGER, site=site)
        may = may and (here, to) in ALLOWED
        if may:
            states.change_state(site=site, to=to, by=by, reason="proto")
        else:
            with pytest.raises(StateNotAllowed):
                states.change_state(site=site, to=to, by=by, reason="proto")
        site.refresh_from_db()
        assert site.state == (to if may else here)


def test_nobody_else_changes_the_state_of_a_site(make_site: MakeSite) -> None:
    site, other = make_site(), make_site(name="Jiná")
    outsiders = [
        *(make_staff(role, site=site) for role in (Role.REGISTRAR, Role.VACCINATOR, Role.STOCK_KEEPER, Role.IT)),
        make_staff(Role.MANAGER, site=other),
        make_staff(Role.REGION, region=Region.objects.get(pk="CZ031")),
        make_staff(Role.DISTRIBUTOR),
        User.objects.create_user("nikdo", is_staff=True),
    ]
    for outsider in outsiders:
        assert states.next_states(site=site, user=outsider) == []
        with pytest.raises(StateNotAllowed):
            states.change_state(site=site, to=State.PAUSED, by=outsider, reason="x")
    assert [change.state for change in states.state_history(site)] == [State.OPEN]


def test_of_two_who_decide_at_once_the_second_is_told(make_site: MakeSite, ministry: User) -> None:
    site = make_site()
    same = VaccinationSite.objects.get(pk=site.pk)
    states.change_state(site=site, to=State.PAUSED, by=ministry, reason="první")
    with pytest.raises(SiteChangedMeanwhile):
        states.change_state(site=same, to=State.CLOSED, by=ministry, reason="druhý")
    same.refresh_from_db()
    assert same.state == State.PAUSED


def test_a_site_without_a_district_never_opens(make_site: MakeSite, ministry: User) -> None:
    site = make_site(district_id=None, region_id="CZ031", state=State.CLOSED, is_public=False)
    with pytest.raises(SiteLiesNowhere) as refusal:
        states.change_state(site=site, to=State.OPEN, by=ministry, reason="x")
    assert isinstance(refusal.value, SiteError)


def test_the_history_says_when_who_and_why(
    make_site: MakeSite, ministry: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    site = make_site(state=State.PREPARING)
    manager = make_staff(Role.MANAGER, site=site, name="marie")
    User.objects.filter(pk=manager.pk).update(first_name="Marie", last_name="Malá")
    states.change_state(site=site, to=State.OPEN, by=manager, reason="Vše je připraveno.")
    VaccinationSite.objects.filter(pk=site.pk).update(notes="Vchod ze dvora.")  # no change of state
    states.change_state(site=site, to=State.CLOSED, by=ministry, reason="Konec kampaně.")
    with django_assert_num_queries(2):  # type: ignore[operator]
        history = states.state_history(site)
    assert [(change.state, change.by, change.reason) for change in history] == [
        (State.CLOSED, ministry.username, "Konec kampaně."),
        (State.OPEN, "Marie Malá", "Vše je připraveno."),
        (State.PREPARING, "", ""),
    ]


def test_a_weekday_has_its_own_hours_or_the_usual_ones_or_none(make_site: MakeSite) -> None:
    site = make_site(opens_at="07:00", closes_at="19:00")
    site.weekday_hours.create(weekday=0, opens_at=time(6), closes_at=time(12, 30))
    site.weekday_hours.create(weekday=6)
    assert opening_hours.hours_on(site, MONDAY) == Hours(time(6), time(12, 30))
    assert opening_hours.hours_on(site, date(2027, 1, 12)) == Hours(time(7), time(19))
    assert opening_hours.hours_on(site, SUNDAY) is None
    assert [hours is not None for hours in opening_hours.week_of(site)] == [True] * 6 + [False]


def test_the_weeks_of_many_sites_cost_one_query_more(
    make_site: MakeSite, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(3):
        make_site(name=f"Místo {number}").weekday_hours.create(weekday=6)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = list(VaccinationSite.objects.prefetch_related("weekday_hours"))
        assert all(opening_hours.week_of(site)[6] is None for site in found)
