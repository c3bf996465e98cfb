"""The frame of a site's pages."""

from typing import cast

import pytest
from django.forms import CharField, Form
from django.test import RequestFactory

from crs.errors import FormChanged
from logistics.models import Role
from logistics.staff.guards import SiteRequest
from tests.factories import make_site, make_staff
from vaccination import pages
from vaccination.permissions import VaccinationAct

pytestmark = pytest.mark.django_db


class NoteForm(Form):
    """A form of one field."""

    note = CharField()


def test_what_the_user_may_do_at_the_site_is_asked_once_a_request(django_assert_num_queries: object) -> None:
    request = cast("SiteRequest", RequestFactory().get("/"))
    request.site = make_site()
    request.user = make_staff(Role.REGISTRAR, site=request.site)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = [pages.acts(request) for _ in range(3)]
        doors = pages.bar(request)
    assert VaccinationAct.CHECK_IN in found[0]
    assert VaccinationAct.GIVE_DOSES not in found[0]
    addresses = [door.url for door in doors]
    assert addresses[:2] == [f"/ockovani/{request.site.pk}/", f"/ockovani/{request.site.pk}/bez-terminu/"]
    assert f"/ockovani/{request.site.pk}/ampule/" not in addresses


def test_a_refused_form_says_why_and_keeps_what_was_typed() -> None:
    def refuse() -> None:
        raise FormChanged

    form = NoteForm({"note": "Brno"})
    assert not pages.done(form, refuse)
    assert form.non_field_errors() == [str(FormChanged())]
    assert form["note"].value() == "Brno"
    assert pages.done(NoteForm({"note": "Brno"}), lambda: None)
    assert not pages.done(NoteForm(), refuse)
    assert not pages.done(NoteForm({}), refuse)
