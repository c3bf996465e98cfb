"""Each rule at its border: what just passes, and what does not."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from crs.no_break import breakable
from logistics.models import Batch, DoseInterval, StockItem, VaccinationSite, Vaccine
from registration.models import Person, Registration
from tests.factories import NOW
from vaccination.doses import guards
from vaccination.doses.guards import Case, Weight
from vaccination.doses.limits import Limits
from vaccination.models import AnswerEffect, Dose, HealthWorker, Question, Station, VialSession, Visit
from vaccination.models.questions import Answer
from vaccination.questions.answers import Effect

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TODAY = NOW.date()
COMIRNATY, SPIKEVAX = (Vaccine(code=name.lower(), name=name, doses=2) for name in ("Comirnaty", "Spikevax"))
FIRST = Limits(youngest_age=12, min_days=None, hard_days=None, max_days=None, may_follow_another=False)
SECOND = Limits(youngest_age=12, min_days=19, hard_days=15, max_days=42, may_follow_another=False)
SITE = VaccinationSite(name="Nemocnice Tábor")
DOCTOR = HealthWorker(site=SITE, is_doctor=True)


def replace_worker(**fields: Any) -> HealthWorker:
    return HealthWorker(**({"site": SITE, "is_doctor": True, "began_at": NOW - DAY} | fields))


def batch(**fields: Any) -> Batch:
    return Batch(**({"vaccine": COMIRNATY, "number": "EJ6797", "expires_on": TODAY} | fields))


def item(**fields: Any) -> StockItem:
    return StockItem(**({"batch": batch(), "storage": "OPEN", "use_by": NOW + 5 * MINUTE} | fields))


def vial(**fields: Any) -> VialSession:
    return VialSession(**({"station": Station(site=SITE), "opened_at": NOW - 5 * MINUTE} | fields))


def visit(**fields: Any) -> Visit:
    return Visit(**({"day": TODAY, "arrived_at": NOW - 5 * MINUTE, "state": Visit.State.ARRIVED} | fields))


def dose_before(days: int = 21, **fields: Any) -> Dose:
    return Dose(**({"number": 1, "vaccine": COMIRNATY, "given_at": NOW - days * DAY} | fields))


def case(**fields: Any) -> Case:
    """A first dose that no rule minds, unless the `fields` say otherwise."""
    values: dict[str, Any] = {
        "registration": Registration(),
        "person": Person(birth_date=date(1950, 1, 1)),
        "history": [],
        "site": SITE,
        "store": None,
        "visit": visit(),
        "vial": vial(),
        "item": item(),
        "vaccine": COMIRNATY,
        "held": 1,
        "number": len(fields.get("history", [])) + 1,
        "given_at": NOW,
        "given_by": DOCTOR,
        "doctor": DOCTOR,
        "effects": [],
        "is_day_closed": False,
        "limits": SECOND if fields.get("history") else FIRST,
        "interval": None,
        "now": NOW,
    }
    return Case(**(values | fields))


def second(days: int, **fields: Any) -> Case:
    """A second dose so many days after the first."""
    return case(history=[dose_before(days)], **fields)


def said(what: Case) -> dict[str, str]:
    return {finding.rule: finding.weight.value for finding in guards.findings(what)}


def test_a_first_and_a_second_dose_in_order_meet_no_rule() -> None:
    assert said(case()) == {}
    assert said(second(21)) == {}


@pytest.mark.parametrize(
    ("rule", "weight", "passes", "meets"),
    [
        (
            "deceased",
            "STOP",
            {"person": Person(birth_date=date(1950, 1, 1), died_on=TODAY)},
            {"person": Person(birth_date=date(1950, 1, 1), died_on=TODAY - DAY)},
        ),
        ("merged", "STOP", {}, {"person": Person(birth_date=date(1950, 1, 1), merged_into_id=1)}),
        ("number", "STOP", {"number": 1}, {"number": 2}),
        ("number", "STOP", {}, {"number": 0}),
        ("not_offered", "OVERRIDABLE", {}, {"limits": replace(FIRST, is_offered=False)}),
        (
            "no_doctor",
            "STOP",
            {"doctor": replace_worker(ended_at=NOW - 2 * MINUTE)},
            {"doctor": replace_worker(ended_at=NOW - 3 * MINUTE)},
        ),
        (
            "nobody_gave_it",
            "STOP",
            {"given_by": replace_worker(began_at=NOW + MINUTE)},
            {"given_by": replace_worker(began_at=NOW + DAY)},
        ),
        (
            "too_young",
            "STOP",
            {"person": Person(birth_date=date(2015, 1, 11))},
            {"person": Person(birth_date=date(2015, 1, 12))},
        ),
        ("not_asked", "STOP", {"effects": []}, {"effects": None}),
        (
            "batch_blocked",
            "STOP",
            {"item": item(batch=batch(blocked_at=NOW)), "given_at": NOW - 2 * MINUTE},
            {"item": item(batch=batch(blocked_at=NOW)), "given_at": NOW - MINUTE},
        ),
        (
            "batch_expired",
            "STOP",
            {"item": item(batch=batch(expires_on=TODAY))},
            {"item": item(batch=batch(expires_on=TODAY - DAY))},
        ),
        ("past_use_by", "STOP", {"item": item(use_by=NOW)}, {"item": item(use_by=NOW - MINUTE)}),
        ("not_held", "STOP", {"held": 1}, {"held": 0}),
        ("elsewhere", "STOP", {}, {"vial": vial(station=Station(site=VaccinationSite()))}),
        ("future", "STOP", {"given_at": NOW + 2 * MINUTE}, {"given_at": NOW + 3 * MINUTE}),
        (
            "before_vial",
            "STOP",
            {"vial": vial(opened_at=NOW + 2 * MINUTE)},
            {"vial": vial(opened_at=NOW + 3 * MINUTE)},
        ),
        (
            "before_arrival",
            "STOP",
            {"visit": visit(arrived_at=NOW + 2 * MINUTE)},
            {"visit": visit(arrived_at=NOW + 3 * MINUTE)},
        ),
        ("before_arrival", "STOP", {}, {"visit": visit(day=TODAY - DAY)}),
        ("not_arrived", "STOP", {"visit": None}, {"visit": visit(state=Visit.State.UNDONE)}),
        ("day_closed", "STOP", {}, {"is_day_closed": True}),
        ("no_doctor", "STOP", {}, {"doctor": None}),
        ("no_doctor", "STOP", {}, {"doctor": HealthWorker(site=SITE, is_doctor=False)}),
        ("no_doctor", "STOP", {}, {"doctor": HealthWorker(site=VaccinationSite(), is_doctor=True)}),
        ("nobody_gave_it", "STOP", {"given_by": HealthWorker(site=SITE)}, {"given_by": None}),
    ],
)
def test_a_rule_holds_at_its_border(rule: str, weight: str, passes: dict[str, Any], meets: dict[str, Any]) -> None:
    assert said(case(**passes)) == {}
    assert said(case(**meets)) == {rule: weight}


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (1, {"too_early": "STOP"}),
        (14, {"too_early": "STOP"}),
        (15, {"too_early": "OVERRIDABLE"}),
        (18, {"too_early": "OVERRIDABLE"}),
        (19, {}),
        (42, {}),
        (43, {"too_late": "OVERRIDABLE"}),
        (400, {"too_late": "OVERRIDABLE"}),
    ],
)
def test_the_days_since_the_dose_before_are_counted(days: int, found: dict[str, str]) -> None:
    assert said(second(days)) == found


def test_a_day_earlier_than_times_are_given_now_is_only_said() -> None:
    usual = DoseInterval(vaccine=COMIRNATY, min_days=21, ideal_days=21, max_days=42)
    assert said(second(20, interval=usual)) == {"earlier_than_usual": "WARNING"}
    assert said(second(21, interval=usual)) == {}


def test_nobody_gets_two_doses_on_one_day_nor_one_before_a_dose_that_was_recorded() -> None:
    midnight = datetime.combine(TODAY, datetime.min.time(), NOW.tzinfo)
    assert "same_day" in said(case(history=[dose_before(given_at=midnight)]))
    assert said(case(history=[dose_before(given_at=midnight - MINUTE)])) == {"too_early": "STOP"}
    assert said(case(history=[dose_before(given_at=NOW + DAY)])) == {"order": "STOP"}


def test_another_vaccine_needs_a_doctor_unless_the_rule_allows_it() -> None:
    mixed = {"history": [dose_before(vaccine=SPIKEVAX)]}
    assert said(case(**mixed)) == {"other_vaccine": "OVERRIDABLE"}
    allowed = Limits(youngest_age=12, min_days=19, hard_days=15, max_days=None, may_follow_another=True)
    assert said(case(**mixed, limits=allowed)) == {}


def test_an_answer_that_stops_is_for_a_doctor_and_one_that_warns_is_read() -> None:
    question = Question(code="allergy")
    effects = [
        Effect(question, Answer.YES, kind, "Only with a doctor.", None)
        for kind in (AnswerEffect.Kind.WARN, AnswerEffect.Kind.STOP)
    ]
    assert said(case(effects=effects[:1])) == {"answers_to_read": "WARNING"}
    assert [finding.weight for finding in guards.findings(case(effects=effects))] == [
        Weight.OVERRIDABLE,
        Weight.WARNING,
    ]


def test_all_answers_that_stop_are_one_finding_whose_code_names_no_question() -> None:
    effects = [
        Effect(Question(code=code), Answer.YES, AnswerEffect.Kind.STOP, advice, None)
        for code, advice in (("allergy", "Only in a hospital."), ("pregnancy", "Only in the second trimester."))
    ]
    (found,) = guards.findings(case(effects=effects))
    assert (found.rule, found.weight) == ("answers", Weight.OVERRIDABLE)
    assert found.text == "Only in a hospital. Only in the second trimester."


def test_a_child_below_the_age_of_every_rule_is_stopped_though_no_rule_offers_the_dose() -> None:
    nobody_offers = replace(FIRST, is_offered=False)
    child = Person(birth_date=date(2020, 1, 1))
    assert said(case(limits=nobody_offers, person=child)) == {"too_young": "STOP", "not_offered": "OVERRIDABLE"}


def test_every_rule_is_explained_in_the_decision() -> None:
    """Each code that a function yields has its row in ADR 0022."""
    import inspect
    import re
    from pathlib import Path

    codes = set(re.findall(r'_(?:stop|ask)\("(\w+)"|Finding\("(\w+)"', inspect.getsource(guards)))
    page = Path("docs/adr/0022-rules-of-a-dose.md").read_text()
    assert [code for pair in codes for code in pair if code and f"`{code}`" not in page] == []


def test_a_sentence_says_in_czech_what_to_do() -> None:
    with override("cs"):
        texts = [breakable(str(finding.text)) for finding in guards.findings(second(14, effects=None))]
    assert texts == [
        "Dnů od předchozí dávky: 14, potřeba je aspoň 19. Vyberte termín od 16. 1. 2027.",
        "Odpovědi této osoby nikdo nepotvrdil. Nejdříve položte otázky.",
    ]
