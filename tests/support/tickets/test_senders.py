"""Of which site a sender is."""

import pytest

from logistics.models import Role, SiteContact
from support.tickets.senders import site_of
from tests.factories import make_site, make_staff

pytestmark = pytest.mark.django_db


def test_a_sender_is_of_the_site_that_knows_the_address() -> None:
    site = make_site(email="ocm@tabor.example")
    for role in ("HEAD", "IT"):
        SiteContact.objects.create(site=site, role=role, name="Jana", email="jana@tabor.example")
    make_staff(Role.MANAGER, site=site, name="petr")
    make_staff(Role.IT, site=site, name="petr")
    for address in ("OCM@tabor.example", "jana@Tabor.example", "petr@example.cz"):
        assert site_of(address) == site


def test_a_sender_of_two_sites_of_none_or_of_an_office_is_of_no_site() -> None:
    one, other = make_site("A", email="spolecny@kraj.example"), make_site("B", email="spolecny@kraj.example")
    for site in (one, other):
        make_staff(Role.MANAGER, site=site, name="oba")
    make_staff(Role.MINISTRY, name="urad")
    gone = make_staff(Role.MANAGER, site=one, name="odesla")
    gone.is_active = False
    gone.save()
    for address in (
        "spolecny@kraj.example",
        "oba@example.cz",
        "urad@example.cz",
        "odesla@example.cz",
        "x@y.example",
        "",
    ):
        assert site_of(address) is None
