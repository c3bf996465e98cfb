"""What is due is issued once, and what cannot be is said."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from certificates.errors import NoSigner
from certificates.hcert import evidence_number, identifiers
from certificates.hcert.verification import verify
from certificates.issuing import errors, issuing, requests, tasks, wakeup, writing
from certificates.issuing.facts import Facts, facts_of_doses
from certificates.issuing.issuing import CLAIM_VALIDITY
from certificates.issuing.signals import certificates_issued
from certificates.keys.signers import current
from certificates.models import Certificate, IssueRequest, SigningKey
from certificates.models.certificates import Cause
from registration.models import Person
from tests.certificates.issuing.conftest import LATER, MINUTE, Vaccinated, is_true, run, spell
from tests.factories import NOW, make_signing_key
from vaccination.models import Dose

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


def names(*, first: str, last: str, latin: tuple[str, str] = ("", "")) -> None:
    Person.objects.update(first_name=first, last_name=last, latin_first_name=latin[0], latin_last_name=latin[1])


def waiting() -> IssueRequest:
    return IssueRequest.objects.get()


def test_what_is_due_is_signed_stored_and_told(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    told: list[Any] = []

    def hear(**what: Any) -> None:
        told.append((what["issued"], what["now"]))

    certificates_issued.connect(hear)
    try:
        counts = run()
    finally:
        certificates_issued.disconnect(hear)
    certificate = Certificate.objects.get()
    genuine = verify(certificate.text, [key.signer.certificate], LATER)
    assert (counts.issued, counts.looked_at) == (1, 1)
    assert (genuine.uvci, genuine.expires_at) == (certificate.uvci, certificate.expires_at)
    assert (genuine.entry["dn"], genuine.entry["sd"], genuine.entry["dt"]) == (2, 2, "2027-01-11")
    assert genuine.payload["nam"] == {"fn": "Nováková", "fnt": "NOVAKOVA", "gn": "Jana", "gnt": "JANA"}
    assert (certificate.dose, certificate.person, certificate.signer) == (dose, dose.person, key.signer)
    assert evidence_number.is_right(certificate.ean)
    assert is_true(certificate)
    assert told == [([(certificate, waiting())], certificate.issued_at)]
    metadata = certificate.events.get().pgh_context.metadata  # type: ignore[attr-defined]
    assert metadata["operation"] == "certificates.issue"
    assert run(now=LATER).looked_at == 0


def test_without_a_key_everything_waits_and_says_so(vaccinated: Vaccinated, caplog: pytest.LogCaptureFixture) -> None:
    vaccinated()
    with pytest.raises(NoSigner):
        run()
    tasks.issue_pending()
    assert "no key of ours" in caplog.text
    assert (waiting().state, waiting().claimed_at) == ("WAITING", None)
    with pytest.raises(NoSigner):
        issuing.issue(request=waiting(), now=NOW)
    make_signing_key(now=NOW - timedelta(days=1))
    tasks.issue_pending()
    assert waiting().state == "ISSUED"


def test_one_task_issues_at_a_time_and_what_was_asked_for_at_its_end_gets_another(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    vaccinated()
    sent: list[str] = []
    monkeypatch.setattr("crs.queueing.send", sent.append)
    assert wakeup.begin_round()
    tasks.issue_pending()
    assert (waiting().state, sent) == ("WAITING", [])
    monkeypatch.setattr(issuing, "issue_pending", lambda **_: issuing.Counts())  # it had looked before the request came
    wakeup.end_round()
    tasks.issue_pending()
    assert sent == [wakeup.TASK]
    monkeypatch.setattr(issuing, "issue_pending", lambda **_: issuing.Counts(failed=5))  # the signer is away
    tasks.issue_pending()
    assert sent == [wakeup.TASK]
    assert wakeup.begin_round()
    wakeup.end_round()


def test_a_name_without_its_spelling_blocks_until_it_is_spelled(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    names(first="Олена", last="Ковальчук")
    assert run().blocked == 1
    assert (waiting().state, waiting().obstacle) == ("BLOCKED", "LATIN_NAME")
    with pytest.raises(errors.LatinNameMissing):
        issuing.issue(request=waiting(), now=NOW)
    assert run(now=LATER).looked_at == 0
    spell(dose)
    assert run(now=LATER).issued == 1


def test_staff_who_spell_the_name_let_the_request_wait_again(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    names(first="Олена", last="Ковальчук")
    run()
    spell(dose)
    assert (waiting().state, waiting().obstacle, waiting().claimed_at) == ("WAITING", "", None)


def test_what_changes_while_it_is_signed_is_signed_anew(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaccinated()
    write, tries = writing.write, count()

    def changing(facts: Facts, **more: Any) -> writing.Written:
        if next(tries) == 0:
            names(first="Jana", last="Malá")
        return write(facts, **more)

    monkeypatch.setattr(issuing, "write", changing)
    assert run().issued == 1
    certificate = Certificate.objects.get()
    assert verify(certificate.text, [key.signer.certificate], LATER).payload["nam"]["fn"] == "Malá"
    assert is_true(certificate)


def test_what_changes_all_the_time_is_tried_again_later(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaccinated()
    write, tries = writing.write, count()

    def changing(facts: Facts, **more: Any) -> writing.Written:
        names(first="Jana", last=f"Malá {'x' * next(tries)}")
        return write(facts, **more)

    monkeypatch.setattr(issuing, "write", changing)
    assert run().failed == 1
    assert not Certificate.objects.exists()
    assert run(now=NOW + 5 * MINUTE + CLAIM_VALIDITY / 2).looked_at == 0
    with pytest.raises(errors.NotIssuedNow):
        issuing.issue(request=waiting(), now=NOW)
    monkeypatch.setattr(issuing, "write", write)
    assert run(now=LATER).issued == 1


def test_identifiers_that_meet_others_are_drawn_again(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaccinated()
    run()
    taken = Certificate.objects.get()
    for _ in range(2):
        vaccinated()
    uvci, ean = iter([taken.uvci, *map(identifiers.new_uvci, ["CZ"] * 9)]), evidence_number.new()
    drawn = iter([taken.ean, ean, ean, *(evidence_number.new() for _ in range(9))])
    monkeypatch.setattr(identifiers, "new_uvci", lambda _country: next(uvci))
    monkeypatch.setattr(evidence_number, "new", lambda: next(drawn))
    assert run(now=LATER).issued == 2
    assert Certificate.objects.living().count() == 3


def test_a_certificate_that_cannot_be_signed_holds_up_no_other(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _good = vaccinated(), vaccinated()
    Person.objects.filter(pk=bad.person_id).update(last_name="Zlý")
    write = writing.write

    def failing(facts: Facts, **more: Any) -> writing.Written:
        if facts.last_name == "Zlý":
            raise RuntimeError
        return write(facts, **more)

    monkeypatch.setattr(issuing, "write", failing)
    counts = run()
    assert (counts.issued, counts.failed) == (1, 1)
    assert run(now=NOW + 6 * MINUTE).looked_at == 0
    monkeypatch.setattr(issuing, "write", write)
    assert run(now=LATER).issued == 1


def test_a_signer_that_is_away_ends_the_run_and_the_rest_waits(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        vaccinated()
    monkeypatch.setattr(issuing, "FAILURES_IN_A_ROW", 2)

    def away(_facts: Facts, **_more: Any) -> writing.Written:
        raise TimeoutError

    monkeypatch.setattr(issuing, "write", away)
    assert run().failed == 2
    assert IssueRequest.objects.filter(state="WAITING", claimed_at=None).count() == 1


def test_a_signer_that_is_slow_gives_the_rest_of_its_batch_back(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        vaccinated()
    monkeypatch.setattr(issuing, "SIGNING_SECONDS", -1.0)
    assert run(limit=2, seconds=0.5).issued == 0
    monkeypatch.setattr(issuing, "SIGNING_SECONDS", 45.0)
    assert run().issued == 2


def test_nothing_is_stored_by_a_signer_that_was_withdrawn_meanwhile(
    key: SigningKey, vaccinated: Vaccinated, monkeypatch: pytest.MonkeyPatch
) -> None:
    vaccinated()
    write, tries = writing.write, count()
    other = make_signing_key(now=NOW - timedelta(days=2))

    def withdrawn(facts: Facts, **more: Any) -> writing.Written:
        made = write(facts, **more)
        if next(tries) == 0:
            type(key.signer).objects.filter(pk=key.signer_id).update(withdrawn_at=NOW, withdrawal_reason="Lost")
        return made

    monkeypatch.setattr(issuing, "write", withdrawn)
    assert current(NOW).certificate == key.signer.certificate
    assert run().issued == 1
    assert Certificate.objects.get().signer == other.signer


def test_a_run_may_be_bounded_by_number_and_by_time(key: SigningKey, vaccinated: Vaccinated) -> None:
    for _ in range(3):
        vaccinated()
    assert run(limit=2).issued == 2
    counts = run(seconds=-1)
    assert (counts.issued, counts.is_out_of_time) == (0, True)


def test_a_claim_of_a_dead_worker_lapses(key: SigningKey, vaccinated: Vaccinated) -> None:
    vaccinated()
    claimed, _held = issuing.claim(limit=10, now=NOW)
    assert len(claimed) == 1
    assert run(now=NOW + CLAIM_VALIDITY / 2).looked_at == 0
    assert run(now=NOW + CLAIM_VALIDITY + MINUTE).issued == 1


def test_whoever_waits_at_the_desk_overtakes_a_worker(key: SigningKey, vaccinated: Vaccinated) -> None:
    vaccinated()
    (claimed,), _held = issuing.claim(limit=10, now=NOW)
    certificate = issuing.issue(request=claimed, now=NOW)
    assert certificate is not None
    # The worker comes to the storing, and finds it stored.
    facts = facts_of_doses([claimed.dose_id], on=NOW.date())[claimed.dose_id].facts
    assert facts is not None
    late = {claimed.pk: writing.write(facts, ean=writing.new_eans(1)[0], signer=current(NOW), now=NOW)}
    assert issuing.store([claimed], late, signer=key.signer, now=NOW).certificates == []
    assert Certificate.objects.get() == certificate
    assert issuing.issue(request=claimed, now=NOW) == certificate


def test_an_automatic_request_where_there_is_one_already_is_dropped(key: SigningKey, vaccinated: Vaccinated) -> None:
    dose = vaccinated()
    run()
    again = IssueRequest.objects.create(dose=dose, cause=Cause.SERIES, asked_at=NOW)
    assert issuing.issue(request=again, now=NOW) == Certificate.objects.get()
    again.refresh_from_db()
    assert again.state == "DROPPED"


def test_a_request_whose_dose_is_in_error_is_dropped(key: SigningKey, first_dose: Callable[..., Dose]) -> None:
    dose = first_dose(state="IN_ERROR", error="TWICE")
    request = IssueRequest.objects.create(dose=dose, cause=Cause.REQUESTED, asked_at=NOW)
    assert issuing.issue(request=request, now=NOW) is None
    request.refresh_from_db()
    assert request.state == "DROPPED"


def test_certificates_are_issued_anew_where_the_coding_changed(
    key: SigningKey, first_dose: Callable[..., Dose], vaccinated: Vaccinated
) -> None:
    from certificates.models import SeriesCoding

    for _ in range(2):
        vaccinated()
    run()
    assert requests.request_recoded(now=LATER) == 0
    SeriesCoding.objects.create(series_doses=2, number=2, valid_from="2027-01-11", dose_number=3, total_doses=3)
    assert requests.request_recoded(now=LATER, is_dry_run=True) == 2
    assert [requests.request_recoded(now=LATER), requests.request_recoded(now=LATER)] == [2, 0]
    assert run(now=LATER).issued == 2
    assert set(Certificate.objects.living().values_list("dose_number", "total_doses")) == {(3, 3)}
    assert Certificate.objects.filter(revocation="REPLACED").count() == 2
