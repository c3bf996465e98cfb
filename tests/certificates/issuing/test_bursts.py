"""More requests of an issuer in an hour than usual are held, and told to the ministry, who decides."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from certificates.issuing import bursts, issuing, requests
from certificates.issuing.errors import DecisionNeedsReason, NothingHeld, RequestHeld, RequestRejected, TakenAway
from certificates.models import Certificate, IssueRequest, SigningKey
from certificates.models.certificates import Cause
from crs import advisory_locks
from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from tests.certificates.issuing.conftest import Vaccinated, ask, run
from tests.factories import NOW, make_account, make_staff
from tests.pages import HOME, browser, log_in, text_of
from tests.race import race
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock", "key")]

HOUR = timedelta(hours=1)
First = Callable[..., Dose]


@pytest.fixture(autouse=True)
def limit(settings: Settings) -> None:
    settings.CERTIFICATES_PER_ISSUER_AND_HOUR = 2
    settings.ALARM_EMAIL = "dohled@crs.example"


@pytest.fixture
def nurse() -> User:
    return make_account("nurse")


def due(first_dose: First, count: int, by: User | None, site: VaccinationSite, **fields: Any) -> list[IssueRequest]:
    """Requests of so many people."""
    values: dict[str, Any] = {"asked_at": NOW, "asked_by": by, "site": site, "issuer": requests.issuer_of(by, site)}
    return [
        IssueRequest.objects.create(dose=first_dose(), cause=Cause.REQUESTED, **(values | fields)) for _ in range(count)
    ]


def states() -> list[str]:
    return list(IssueRequest.objects.order_by("pk").values_list("state", flat=True))


def test_what_is_above_the_limit_is_held_and_told_once(first_dose: First, nurse: User, site: VaccinationSite) -> None:
    due(first_dose, 3, nurse, site)
    counts = run()
    assert (counts.issued, counts.held) == (2, 1)
    assert states() == ["ISSUED", "ISSUED", "HELD"]
    mail = Message.objects.get(template="certificates/burst")
    assert (mail.recipient, mail.language) == ("dohled@crs.example", "en")
    assert mail.text is not None
    assert f"user:{nurse.pk}" in mail.text
    assert "/certifikaty/podrzene/" in mail.text
    due(first_dose, 2, nurse, site)
    assert run().held == 2
    assert Message.objects.filter(template="certificates/burst").count() == 1
    event = IssueRequest.objects.filter(state="HELD").first().events.latest("pgh_id")  # type: ignore[union-attr]
    assert event.pgh_context.metadata["operation"] == "certificates.hold"


def test_another_issuer_and_another_hour_have_room_of_their_own(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    due(first_dose, 2, nurse, site)
    due(first_dose, 2, None, site)
    due(first_dose, 2, nurse, site, asked_at=NOW - HOUR)
    assert (run().issued, run().held) == (6, 0)


def test_a_night_run_over_a_busy_day_is_no_burst(vaccinated: Vaccinated) -> None:
    for hour in range(3):
        for _ in range(2):
            dose = vaccinated()
            Dose.objects.filter(pk=dose.pk).update(recorded_at=NOW + hour * HOUR)
    IssueRequest.objects.all().delete()
    assert requests.request_missing() == 6
    assert run(now=NOW + 12 * HOUR).issued == 6


def test_whoever_waits_at_the_desk_is_told_that_it_is_held(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    *_within, above = due(first_dose, 3, nurse, site)
    run()
    with pytest.raises(RequestHeld):
        issuing.issue(request=above, now=NOW)
    another = ask(first_dose(), by=nurse, site=site)
    with pytest.raises(RequestHeld):
        issuing.issue(request=another, now=NOW)
    assert ask(another.dose, by=nurse, site=site) == another


def test_what_is_released_is_issued(first_dose: First, nurse: User, site: VaccinationSite) -> None:
    due(first_dose, 4, nurse, site)
    run()
    ministry = make_staff(Role.MINISTRY)
    (burst,) = bursts.bursts()
    assert (burst.user, burst.site, burst.held, burst.issued) == (nurse, site, 2, 2)
    with pytest.raises(DecisionNeedsReason):
        bursts.release(request_id=burst.last_id, reason=" ", by=ministry, now=NOW)
    assert bursts.release(request_id=burst.last_id, reason="A mobile team", by=ministry, now=NOW) == 2
    with pytest.raises(NothingHeld):
        bursts.reject(request_id=burst.last_id, reason="Late", by=ministry, now=NOW)
    assert run().issued == 2
    row = IssueRequest.objects.latest("pk")
    assert (row.decided_by, row.decision_reason) == (ministry, "A mobile team")
    # Who was let through does not take the room of others, nor is another burst of the hour told again.
    due(first_dose, 1, nurse, site)
    assert run().held == 1
    assert Message.objects.filter(template="certificates/burst").count() == 1


def test_what_is_rejected_is_not_issued_but_may_be_asked_for_again(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    *_within, above = due(first_dose, 3, nurse, site)
    run()
    assert bursts.reject(request_id=above.pk, reason="Stolen password", by=None, now=NOW) == 1
    assert run().looked_at == 0
    with pytest.raises(RequestRejected):
        issuing.issue(request=above, now=NOW)
    with pytest.raises(TakenAway):
        ask(above.dose, site=site)
    assert requests.ask_for_all([above.dose_id], by=nurse, site=site, now=NOW) == 0
    assert ask(above.dose, site=site, is_given_back=True) != above


def test_what_was_held_after_the_page_was_shown_waits_for_another_decision(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    *_within, shown = due(first_dose, 3, nurse, site)
    run()
    due(first_dose, 1, nurse, site)
    run()
    assert bursts.release(request_id=shown.pk, reason="Seen", by=None, now=NOW) == 1
    assert states() == ["ISSUED", "ISSUED", "WAITING", "HELD"]


# --- at once ------------------------------------------------------------------------------------


def judged(count: int) -> list[Any]:
    """Outcomes of as many desks that issue one request each at once."""
    rows = IssueRequest.objects.order_by("pk")[:count]
    return race(*(partial(issuing.issue, request=row, now=NOW) for row in rows))


def test_many_at_once_get_the_limit_and_no_more(first_dose: First, nurse: User, site: VaccinationSite) -> None:
    due(first_dose, 6, nurse, site)
    outcomes = [type(outcome).__name__ for outcome in judged(6)]
    assert sorted(outcomes) == ["Certificate"] * 2 + ["RequestHeld"] * 4
    assert Message.objects.filter(template="certificates/burst").count() == 1


def test_workers_at_once_get_the_limit_and_no_more(
    first_dose: First, nurse: User, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "BATCH", 1)
    due(first_dose, 6, nurse, site)
    race(run, run, run)
    assert sorted(states()) == ["HELD"] * 4 + ["ISSUED"] * 2


def test_without_the_lock_of_the_issuer_they_pass_the_limit(
    first_dose: First, nurse: User, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    due(first_dose, 4, nurse, site)
    all_counted, count = threading.Barrier(4), bursts._counts

    def wait(*args: Any) -> Any:
        counted = count(*args)
        all_counted.wait(timeout=10)
        return counted

    monkeypatch.setattr(bursts, "_counts", wait)
    monkeypatch.setattr(advisory_locks, "take_all", lambda _lock, _keys: None)
    assert [type(outcome).__name__ for outcome in judged(4)] == ["Certificate"] * 4


# --- the page and the command -------------------------------------------------------------------


def test_the_ministry_decides_on_a_page(client: Client, first_dose: First, nurse: User, site: VaccinationSite) -> None:
    *_within, above = due(first_dose, 3, nurse, site)
    run()
    log_in(client, make_staff(Role.MINISTRY))
    page = client.get("/certifikaty/podrzene/").content.decode()
    assert site.name in page
    assert str(above.dose.person) not in page
    address = f"/certifikaty/podrzene/{above.pk}/"
    assert client.get(address).status_code == 200
    refused = client.post(address, {"reason": "Mobilní tým"})
    assert refused.status_code == 200
    above.refresh_from_db()
    assert above.state == "HELD"
    key = {"form_key": str(uuid4()), "reason": "Mobilní tým", "decision": "release"}
    for _click in range(2):
        sent = client.post(address, key, follow=True)
        assert sent.redirect_chain[-1][0] == "/certifikaty/podrzene/"
    above.refresh_from_db()
    assert (above.state, above.decision_reason) == ("WAITING", "Mobilní tým")
    late = client.post(address, {"form_key": str(uuid4()), "reason": "Pozdě", "decision": "reject"}, follow=True)
    assert "už" in late.content.decode() or "any more" in late.content.decode()
    assert client.get(address, follow=True).redirect_chain


def test_the_ministrys_start_page_counts_what_is_held_once(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    due(first_dose, 4, nurse, site)
    run()
    ministry = log_in(browser(), make_staff(Role.MINISTRY))
    with CaptureQueriesContext(connection) as queries:
        page = ministry.get(HOME)
    assert "Certificates that are held (2)" in text_of(page)
    assert len([query for query in queries if "certificates_issuerequest" in query["sql"]]) == 1


def test_a_manager_of_a_site_finds_no_such_page(client: Client, site: VaccinationSite) -> None:
    log_in(client, make_staff(Role.MANAGER, site=site))
    assert client.get("/certifikaty/podrzene/").status_code == 404
    assert client.post("/certifikaty/podrzene/1/", {"reason": "x"}).status_code == 404


def test_ops_list_release_and_reject_by_a_command(
    first_dose: First, nurse: User, site: VaccinationSite, capsys: pytest.CaptureFixture[str]
) -> None:
    *_within, above = due(first_dose, 3, nurse, site)
    due(first_dose, 3, None, site)
    run()
    call_command("held_certificates", "list")
    shown = capsys.readouterr().out
    assert f"{above.pk}  user:{nurse.pk}  {site}" in shown
    with pytest.raises(CommandError, match="--reason"):
        call_command("held_certificates", "release", str(above.pk))
    call_command("held_certificates", "release", str(above.pk), "--reason", "Seen")
    call_command("held_certificates", "reject", str(IssueRequest.objects.latest("pk").pk), "--reason", "Odd")
    assert sorted(states())[-2:] == ["REJECTED", "WAITING"]
    with pytest.raises(CommandError, match="held any more"):
        call_command("held_certificates", "reject", str(above.pk), "--reason", "Late")


def test_a_number_that_was_never_of_a_burst_is_not_said_to_be_decided(
    first_dose: First, nurse: User, site: VaccinationSite
) -> None:
    within, *_others = due(first_dose, 3, nurse, site)
    run()
    for number in (within.pk, 999_999_999, 2**63 - 1):
        with pytest.raises(CommandError, match=f"There is no burst {number}"):
            call_command("held_certificates", "release", str(number), "--reason", "x")
    with pytest.raises(CommandError, match="Name the number"):
        call_command("held_certificates", "release", "--reason", "x")
    with pytest.raises(CommandError, match="Say why"):
        call_command("held_certificates", "release", str(within.pk))
    for wrong in ("0", "x", str(2**63)):
        with pytest.raises(CommandError, match="not a whole number, 1 or more"):
            call_command("held_certificates", "release", wrong, "--reason", "x")


@pytest.mark.parametrize("limit", ["-5", "0", "1.5", "1e3", "١٫٥"])
def test_ops_cannot_issue_less_than_one(limit: str) -> None:
    with pytest.raises(CommandError, match="not a whole number, 1 or more"):
        call_command("issue_certificates", "--pending", f"--limit={limit}")


def test_ops_issue_what_is_due_by_a_command(vaccinated: Vaccinated, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        vaccinated()
    IssueRequest.objects.all().delete()
    call_command("issue_certificates", "--pending", "--dry-run")
    assert not IssueRequest.objects.exists()
    call_command("issue_certificates", "--pending", "--limit", "1")
    assert Certificate.objects.count() == 1
    call_command("issue_certificates", "--pending")
    shown = capsys.readouterr().out
    assert "new requests  2" in shown
    assert Certificate.objects.count() == 2
    call_command("issue_certificates", "--recode")
    assert Certificate.objects.count() == 2
    SigningKey.objects.all().delete()
    with pytest.raises(CommandError, match="signing key"):
        call_command("issue_certificates", "--pending")
