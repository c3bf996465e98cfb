"""Sites: the table of states of docs/states.md, who decides, and what the history keeps."""

import pytest
from django.contrib.auth.models import User

from logistics.models import Region, Role, VaccinationSite
from logistics.sites import states
from logistics.sites.errors import SiteChangedMeanwhile, SiteError, SiteLiesNowhere, StateNotAllowed
from tests.factories import make_site, make_staff

pytestmark = pytest.mark.django_db

State = VaccinationSite.State

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


@pytest.fixture
def ministry() -> User:
    return make_staff(Role.MINISTRY)


@pytest.mark.parametrize("to", State)
@pytest.mark.parametrize("here", State)
def test_a_site_changes_only_as_the_table_says(ministry: User, here: State, to: State) -> None:
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


def test_nobody_else_changes_the_state_of_a_site() -> None:
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


def test_of_two_who_decide_at_once_the_second_is_told(ministry: User) -> None:
    site = make_site()
    same = VaccinationSite.objects.get(pk=site.pk)
    states.change_state(site=site, to=State.PAUSED, by=ministry, reason="první")
    with pytest.raises(SiteChangedMeanwhile):
        states.change_state(site=same, to=State.CLOSED, by=ministry, reason="druhý")
    same.refresh_from_db()
    assert same.state == State.PAUSED


def test_a_site_without_a_district_never_opens(ministry: User) -> None:
    site = make_site(district_id=None, region_id="CZ031", state=State.CLOSED, is_public=False)
    with pytest.raises(SiteLiesNowhere) as refusal:
        states.change_state(site=site, to=State.OPEN, by=ministry, reason="x")
    assert isinstance(refusal.value, SiteError)


def test_the_history_says_when_who_and_why(ministry: User, django_assert_num_queries: pytest.FixtureRequest) -> None:
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
