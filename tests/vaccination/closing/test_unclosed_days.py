"""The command that lists days that nobody closed."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from logistics.models import VaccinationSite
from tests.factories import NOW, context, make_reservation, make_site
from tests.vaccination.closing.conftest import vaccinate
from vaccination.closing import day as closing
from vaccination.models import VialSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_it_names_sites_whose_past_days_are_open_and_fails_for_them(site: VaccinationSite, vial: VialSession) -> None:
    vaccinate(site, vial)
    make_site("Prázdné místo", "CZ0642")
    other = make_site("Jinde", "CZ0100")
    make_reservation(site=other)
    closing.close(site=other, day=NOW.date(), explanation="", waste_reason="", nobody_comes=True, context=context(NOW))
    with time_machine.travel(NOW + timedelta(days=1)):
        out, err = StringIO(), StringIO()
        with pytest.raises(CommandError, match="Sites with unclosed days: 1"):
            call_command("unclosed_days", stdout=out, stderr=err)
        assert f"{site.pk} Nemocnice Tábor: 2027-01-11" in err.getvalue()
        assert "Jinde" not in err.getvalue()
        assert "sites that did not close yesterday  1" in out.getvalue()
        closing.close(
            site=site,
            day=NOW.date(),
            explanation="",
            waste_reason="EXPIRED",
            context=context(NOW + timedelta(days=1)),
        )
        out = StringIO()
        call_command("unclosed_days", stdout=out, stderr=err)
    assert "unclosed_days: all days are closed" in out.getvalue()
