"""What is said about a text, and in which words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest
from django.template.loader import render_to_string
from django.utils import translation

from certificates.checking import content, troubles, verdict
from certificates.checking.found import Trouble
from certificates.checking.presentation import Shown
from certificates.checking.verdict import Outcome, Tone, Verdict, check
from certificates.hcert import cose
from certificates.hcert import text as code_text
from certificates.hcert.refusals import Reason
from certificates.hcert.trusted import TrustedSigner, TrustedSigners
from certificates.keys import signers as signers_of_keys
from certificates.models import ListReading, SignerCertificate
from certificates.trust import signers
from crs.no_break import breakable
from tests.certificates.checking.codes import ours, vaccination
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("key")]


def shown(text: str, *, language: str = "cs", now: Any = NOW) -> Shown:
    with translation.override(language):
        return Shown.of(check(text, now=now))


def lines(answer: Shown) -> dict[str, str]:
    return {line.label: line.value for entry in answer.entries for line in entry}


def test_a_genuine_one_says_by_whom_for_whom_and_what() -> None:
    answer = shown(ours().text, language="en")
    assert (answer.verdict.outcome, answer.verdict.tone, answer.verdict.is_genuine) == (
        Outcome.GENUINE,
        Tone.GOOD,
        True,
    )
    assert (answer.name, breakable(answer.birth_date), answer.signed_by) == (
        "Jana Nováková",
        "31 January 1950",
        "Czechia",
    )
    said = lines(answer)
    assert (said["Dose number and total"], said["Date of vaccination"]) == ("2 of 2", "4\u00a0January 2027")
    assert said["Certificate issuer"] == "Ministry of Health of the Czech Republic"
    with translation.override("en"):
        assert "identity document" in answer.verdict.advice


def test_it_speaks_czech_first() -> None:
    answer = shown(ours().text)
    with translation.override("cs"):
        assert str(answer.verdict.outcome.label) == "Certifikát je pravý"
    assert (breakable(answer.birth_date), answer.signed_by) == ("31. 1. 1950", "Česko")
    assert lines(answer)["Pořadí dávky z\u00a0celkového počtu"] == "2 z\u00a02"


@pytest.mark.parametrize(
    "around", ["Můj kód: {}", "Hello\n\n{}", "{}", "  {}  \n", "{}\r\n", "\ufeff{}\u00a0", "\u200b{}\0"]
)
def test_what_comes_with_a_pasted_text_does_no_harm(around: str) -> None:
    assert check(around.format(ours().text), now=NOW).is_genuine


def test_a_text_in_lines_is_read() -> None:
    text = ours().text
    for end in ("\r\n", "=\n", "=\r\n"):
        assert check(end.join(text[at : at + 60] for at in range(0, len(text), 60)), now=NOW).is_genuine


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        ("", Outcome.UNREADABLE, Reason.NO_PREFIX),
        ("Dobrý den", Outcome.UNREADABLE, Reason.NO_PREFIX),
        ("HC1:" + "A" * 9000, Outcome.UNREADABLE, Reason.TOO_LONG),
        ("HC1:čeština", Outcome.UNREADABLE, Reason.NOT_BASE45),
        ("HC1:6BF", Outcome.UNREADABLE, Reason.NOT_COMPRESSED),
    ],
)
def test_what_is_no_certificate_is_not_called_forged(text: str, outcome: Outcome, reason: Reason) -> None:
    found = check(text, now=NOW)
    assert (found.outcome, found.reason, found.tone) == (outcome, reason, Tone.UNSURE)
    assert found.detail
    assert found.genuine is None


def test_nothing_is_shown_of_what_another_key_signed() -> None:
    text = ours().text
    SignerCertificate.objects.update(withdrawn_at=NOW, withdrawal_reason="zkouška")
    answer = shown(text)
    assert (answer.verdict.outcome, answer.verdict.tone) == (Outcome.UNKNOWN_SIGNER, Tone.UNSURE)
    assert (answer.name, answer.entries) == ("", ())


def test_one_changed_letter_is_told_and_nothing_of_the_content() -> None:
    written = code_text.unfolded(ours().text)
    changed = code_text.written(written.replace(b"NOVAKOVA", b"NOVAKOVY"))
    assert changed != ours().text
    answer = shown(changed, language="en")
    assert (answer.verdict.outcome, answer.verdict.tone) == (Outcome.NOT_GENUINE, Tone.BAD)
    assert (answer.name, answer.entries, answer.verdict.genuine) == ("", (), None)


def test_an_expired_one_and_one_of_tomorrow_are_told_apart_and_shown() -> None:
    text = ours(days=2).text
    assert shown(text, now=NOW + timedelta(days=3)).verdict.outcome is Outcome.EXPIRED
    early = shown(text, now=NOW - timedelta(hours=1))
    assert (early.verdict.outcome, early.verdict.tone, early.name) == (Outcome.NOT_YET_VALID, Tone.BAD, "Jana Nováková")


def test_a_name_that_is_missing_is_shown_in_the_letters_of_the_travel_document() -> None:
    content = vaccination()
    content["nam"] = {"fnt": "VAN<DER<BERG", "gnt": "JAN"}
    assert shown(ours(content).text).name == "JAN VAN DER BERG"
    content["nam"] = {"fn": "Suharto", "fnt": "SUHARTO"}
    assert shown(ours(content).text).name == "Suharto"


def test_signs_that_turn_a_text_around_are_taken_out_of_what_is_shown() -> None:
    content = vaccination(first_name="Ja\u202ena\u0007")
    content["v"][0]["is"] = "Ministry\n\u2066of\u2069 Health" + "x" * 1000
    answer = shown(ours(content).text, language="en")
    assert answer.name == "Jana Nováková"
    assert lines(answer)["Certificate issuer"].startswith("Ministry of Healthxxx")
    assert len(lines(answer)["Certificate issuer"]) == 200


def test_codes_that_we_do_not_know_are_shown_as_they_are() -> None:
    content = vaccination(product="EU/9/99/9999", country="XX", holder="ORG-<b>")
    said = lines(shown(ours(content).text, language="en"))
    assert (
        said["Vaccine medicinal product"],
        said["State"],
        said["Marketing authorisation holder or manufacturer"],
    ) == ("EU/9/99/9999", "XX", "ORG-<b>")


def test_tests_and_recoveries_of_other_states_are_readable() -> None:
    names = {"fn": "Müller", "gn": "Jürgen", "fnt": "MUELLER", "gnt": "JUERGEN"}
    common = {"tg": "840539006", "co": "AT", "is": "Ministry of Health, Austria", "ci": "URN:UVCI:01:AT:X"}
    test = common | {"tt": "LP6464-4", "sc": "2027-01-10T08:20:00+01:00", "tr": "260415000", "tc": "Testzentrum"}
    said = lines(shown(ours({"ver": "1.3.0", "dob": "1950-12", "nam": names, "t": [test]}).text, language="en"))
    assert said["Result of the test"] == "negative: nothing was found"
    assert said["Time of the sample"] == "10\u00a0January 2027, 8:20"
    recovery = common | {"fr": "2026-11-01", "df": "2026-11-15", "du": "2027-05-15"}
    answer = shown(ours({"ver": "1.3.0", "dob": "1950-12", "nam": names, "r": [recovery]}).text, language="cs")
    assert (answer.birth_date, answer.name) == ("1950-12", "Jürgen Müller")
    assert lines(answer)["Stát"] == "Rakousko"


def test_whatever_another_state_writes_or_leaves_out_is_shown() -> None:
    signer = signers_of_keys.current(NOW)
    names = {"fn": 7, "gnt": None}
    for said in (
        {"nam": names, "v": [{"dn": 2.0, "mp": "\0", "dt": ["2021"], "ci": None}]},
        {"nam": names, "v": [{"dn": 2, "sd": None, "co": {"a": 1}}]},
        {"dob": 1950, "t": [{"sc": "0001-01-01T00:00:00+14:00", "tr": None}]},
        {"dob": "1950", "r": [{"df": "0001-01-01", "fr": "9999-99-99"}]},
    ):
        claims = {1: "C\0", 6: 0, -260: {1: said}}
        protected = cbor2.dumps({1: -7, 4: signer.kid})
        payload = cbor2.dumps(claims)
        signature = signer.sign(cose.signed_bytes(protected, payload))
        text = code_text.written(cose.packed(protected=protected, payload=payload, signature=signature))
        for language in ("cs", "en"):
            answer = shown(text, language=language)
            assert answer.verdict.outcome == (Outcome.GENUINE if "v" in said else Outcome.WRONG_PURPOSE)
        if said.get("v"):
            assert lines(answer)["Dose number and total"] == "2"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "2027-13-01T08:20:00Z"])
def test_odd_moments_of_others_are_shown_as_they_are(moment: str) -> None:
    entry = {"tg": "840539006", "co": "AT", "is": "x", "ci": "URN:UVCI:01:AT:X", "tt": "x", "sc": moment, "tr": "x"}
    payload = vaccination() | {"t": [entry]}
    del payload["v"]
    assert lines(shown(ours(payload).text))["Odběr vzorku"] == moment


def test_what_an_entry_does_not_say_is_left_out() -> None:
    genuine = check(ours().text, now=NOW).genuine
    assert genuine
    with translation.override("en"):
        for kind in "vtr":
            told = content.entries(replace(genuine, kind=kind, entries=({"dn": 2, "tg": None},)))
            assert [(line.label, line.value) for line in told[0]] == (
                [("Dose number and total", "2")] if kind == "v" else []
            )
    assert content.birth_date({}) == content.name({}) == ""


def test_the_signer_s_state_is_named_and_another_that_the_code_claims_is_told_apart() -> None:
    genuine = check(ours().text, now=NOW).genuine
    assert genuine
    verdict_ = Verdict(Outcome.GENUINE, None, replace(genuine, claimed_country="DE"), check("", now=NOW).freshness)
    with translation.override("en"):
        answer = Shown.of(verdict_)
        assert (answer.signed_by, answer.claims_to_be_of) == ("Czechia", "Germany")
        page = render_to_string("certificates/checking/answer.html", {"answer": answer, "now": NOW})
    assert "Germany" in page.split("State named in the code")[1]
    assert shown(ours().text).claims_to_be_of == ""


@pytest.mark.parametrize("expires_at", [None, datetime.max.replace(tzinfo=UTC)])
def test_one_without_an_end_says_so(expires_at: datetime | None) -> None:
    found = check(ours().text, now=NOW)
    assert found.genuine
    answer = Shown.of(replace(found, genuine=replace(found.genuine, expires_at=expires_at)))
    with translation.override("en"):
        assert "without an end" in render_to_string("certificates/checking/answer.html", {"answer": answer, "now": NOW})


def test_a_key_for_tests_may_not_sign_vaccinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signers, "_kept", ("", TrustedSigners(())))  # another test's, with what they may sign
    monkeypatch.setattr(TrustedSigner, "purposes", frozenset("t"))
    answer = shown(ours().text)
    assert (answer.verdict.outcome, answer.verdict.tone) == (Outcome.WRONG_PURPOSE, Tone.BAD)
    assert answer.name


def test_old_lists_are_told() -> None:
    for kind, hours in ((ListReading.Kind.TRUST, 2), (ListReading.Kind.REVOCATION, 60)):
        ListReading.objects.create(
            kind=kind, source="x", issued_at=NOW - timedelta(hours=hours), read_at=NOW, entries=1
        )
    lists = check(ours().text, now=NOW).freshness
    assert lists.trust
    assert not lists.trust.is_old
    assert lists.revocation
    assert lists.revocation.is_old
    assert lists.is_old


def test_every_answer_and_every_detail_has_words_in_both_languages() -> None:
    for language in ("cs", "en"):
        with translation.override(language):
            for outcome in Outcome:
                assert str(verdict._ADVICE[outcome])
            assert all(str(troubles.words(trouble).title) for trouble in Trouble)
