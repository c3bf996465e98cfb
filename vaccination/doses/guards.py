"""The rules for giving a dose, one small function each (docs/adr/0022-rules-of-a-dose.md says which may be overridden).

Each looks at a `Case`, the facts as they stand after the person was locked, and says in a sentence what to do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crs.typed_moment import written
from logistics.models import DoseInterval, StockItem, Store, VaccinationSite, Vaccine
from registration.models import Person, Registration
from vaccination.doses.limits import Limits
from vaccination.models import AnswerEffect, Dose, HealthWorker, VialSession, Visit
from vaccination.models.observation import LEAST_MINUTES
from vaccination.questions.answers import Effect

# Two clocks of a site differ, and so do a clock on the wall and ours.
CLOCK_TOLERANCE = timedelta(minutes=2)
# What was given longer before it is recorded is late: it is judged, and written to the ledger, by when it happened.
RECORDED_AT_ONCE = timedelta(minutes=1)


class Weight(StrEnum):
    """How far a finding goes."""

    STOP = "STOP"  # the dose is not recorded
    OVERRIDABLE = "OVERRIDABLE"  # a doctor may decide otherwise, with a reason
    WARNING = "WARNING"  # to be read


@dataclass(frozen=True)
class Finding:
    """The word of a rule about a dose: the code of the rule, a sentence for people, and its weight."""

    rule: str
    text: str
    weight: Weight


@dataclass(frozen=True, kw_only=True)
class Course:
    """A dose and those before it: all that the rules of medicine look at. `history` holds the valid doses by number."""

    person: Person
    history: Sequence[Dose]
    vaccine: Vaccine
    number: int
    given_at: datetime
    limits: Limits | None

    @property
    def day(self) -> date:
        """The day in Prague on which it was given."""
        return timezone.localdate(self.given_at)

    @property
    def before(self) -> Dose | None:
        """The dose before."""
        return self.history[-1] if self.history else None

    @property
    def days_since(self) -> int | None:
        """Days since the dose before."""
        return None if self.before is None else (self.day - timezone.localdate(self.before.given_at)).days

    @property
    def is_booster(self) -> bool:
        """Whether the series was complete before."""
        return bool(self.history) and self.number > self.history[0].vaccine.doses


@dataclass(frozen=True, kw_only=True)
class Given(Course):
    """A dose with the vial from which it came and those who gave it."""

    site: VaccinationSite
    vial: VialSession | None
    item: StockItem
    given_by: HealthWorker | None
    doctor: HealthWorker | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Case(Given):
    """A dose that is to be recorded, and what is known of the visit and of the site.

    `held` is how many doses of the item the `store` of the site has. `effects` are those of the confirmed answers; None
    where nobody confirmed any, though the dose belongs to a visit. `usual_minutes` is how long people sit by the rule.
    """

    registration: Registration
    visit: Visit | None
    store: Store | None
    held: int
    effects: Sequence[Effect] | None
    is_day_closed: bool
    interval: DoseInterval | None
    usual_minutes: int = LEAST_MINUTES


Found = Iterator[Finding]


def findings(case: Case) -> list[Finding]:
    """The findings of all rules, those that stop first."""
    found = [finding for rule in RULES for finding in rule(case)]
    # Of a time that is still to come the other rules say what is not so.
    if to_come := [finding for finding in found if finding.rule == "future"]:
        return to_come
    order = list(Weight)
    return sorted(found, key=lambda finding: order.index(finding.weight))


def broken(course: Course) -> list[Finding]:
    """The rules of medicine that a dose breaks, however it came about."""
    return [finding for rule in MEDICAL for finding in rule(course)]


def impossible(given: Given) -> list[Finding]:
    """Findings that cannot be true of a dose that was given: a correction is asked only these."""
    return [finding for rule in POSSIBLE for finding in rule(given)]


# --- the person ---------------------------------------------------------------------------------


def _deceased(case: Given) -> Found:
    if case.person.died_on is not None and case.person.died_on < case.day:
        text = _(
            "The register says that this person died on %(day)s. You have somebody else's record: find the right one."
        )
        yield _stop("deceased", text, day=_day(case.person.died_on))


def _merged(case: Case) -> Found:
    if case.person.merged_into_id is not None:
        text = _("This record was joined with another one of the same person. Find the person again and open that one.")
        yield _stop("merged", text)


def _same_day(case: Case) -> Found:
    for dose in case.history:
        if timezone.localdate(dose.given_at) == case.day:
            text = _("This person was vaccinated on that day already, at %(time)s. Record nothing; the dose is there.")
            yield _stop("same_day", text, time=written(dose.given_at))


def _number(case: Case) -> Found:
    following = len(case.history) + 1
    if case.number != following:
        text = _("By the record this is dose %(number)d of this person. Go back and record it as dose %(number)d.")
        yield _stop("number", text, number=following)


def _order(case: Case) -> Found:
    before = case.before
    if before is not None and case.given_at <= before.given_at and case.days_since != 0:
        text = _(
            "The person has a dose of a later day, %(day)s. Check the day; if it is right, take back the later dose, "
            "record this one and then the later one again."
        )
        yield _stop("order", text, day=_day(timezone.localdate(before.given_at)))


# --- medicine -----------------------------------------------------------------------------------


def _not_offered(case: Course) -> Found:
    if case.limits is not None and not case.limits.is_offered:
        text = _("Dose %(number)d of %(vaccine)s is not offered on that day. A doctor may decide to give it.")
        yield _ask("not_offered", text, number=case.number, vaccine=case.vaccine.name)


def _other_vaccine(case: Course) -> Found:
    before = case.before
    if before is None or before.vaccine_id == case.vaccine.pk or (case.limits and case.limits.may_follow_another):
        return
    text = _(
        "The dose before was %(before)s, this one is %(vaccine)s. Take a vial of %(before)s, or let a doctor decide to "
        "change the vaccine."
    )
    yield _ask("other_vaccine", text, before=before.vaccine.name, vaccine=case.vaccine.name)


def _too_young(case: Course) -> Found:
    if case.limits is not None and case.person.age_on(case.day) < case.limits.youngest_age:
        text = _(
            "%(vaccine)s is given from the age of %(age)d; the person is %(has)d. Do not vaccinate; let them come "
            "when they are old enough, or offer another vaccine."
        )
        has = case.person.age_on(case.day)
        yield _stop("too_young", text, vaccine=case.vaccine.name, age=case.limits.youngest_age, has=has)


def _too_early(case: Course) -> Found:
    days, rule = case.days_since, case.limits
    if days is None or days < 1 or rule is None or rule.min_days is None or rule.hard_days is None:
        return
    told: dict[str, str | int] = {
        "days": days,
        "least": rule.min_days,
        "on": _day(case.day + timedelta(days=rule.min_days - days)),
    }
    if days < rule.hard_days:
        text = _("Days since the dose before: %(days)d; at least %(least)d are needed. Choose a time from %(on)s on.")
        yield _stop("too_early", text, **told)
    elif days < rule.min_days:
        text = _(
            "Days since the dose before: %(days)d; at least %(least)d are usual. Choose a time from %(on)s on, or let "
            "a doctor decide."
        )
        yield _ask("too_early", text, **told)


def _earlier_than_usual(case: Case) -> Found:
    days, usual = case.days_since, case.interval
    if days is None or usual is None or case.is_booster or case.limits is None or case.limits.min_days is None:
        return
    if case.limits.min_days <= days < usual.min_days:
        text = _("Days since the dose before: %(days)d; times are now given from day %(usual)d on. It may be given.")
        yield Finding("earlier_than_usual", text % {"days": days, "usual": usual.min_days}, Weight.WARNING)


def _too_late(case: Course) -> Found:
    days, rule = case.days_since, case.limits
    if days is not None and rule is not None and rule.max_days is not None and days > rule.max_days:
        text = _(
            "Days since the dose before: %(days)d; at most %(most)d are usual. The dose is given all the same and "
            "nothing starts anew; write why it is late."
        )
        yield _ask("too_late", text, days=days, most=rule.max_days)


def _not_asked(case: Case) -> Found:
    if case.effects is None:
        yield _stop("not_asked", _("Nobody has confirmed the answers of this person. Ask the questions first."))


def _answers(case: Case) -> Found:
    """All answers that stop are one finding: its code names no question, and a doctor decides about all of them."""
    told = [
        (effect.kind == AnswerEffect.Kind.STOP, effect.advice or effect.question.text) for effect in case.effects or ()
    ]
    if stopping := [_sentence(advice) for stops, advice in told if stops]:
        yield Finding("answers", " ".join(stopping), Weight.OVERRIDABLE)
    for advice in (advice for stops, advice in told if not stops):
        yield Finding("answers_to_read", advice, Weight.WARNING)


# --- the vial -----------------------------------------------------------------------------------


def _batch_blocked(case: Given) -> Found:
    batch = case.item.batch
    # A dose that was given before the block is recorded late all the same; the ledger says so too.
    if batch is not None and batch.blocked_at is not None and (batch.blocked_at <= case.given_at or not _is_late(case)):
        text = _("Batch %(batch)s is blocked: %(reason)s Put the vial aside and open one of another batch.")
        yield _stop("batch_blocked", text, batch=batch.number, reason=_sentence(batch.block_reason))


def _batch_expired(case: Given) -> Found:
    batch = case.item.batch
    if batch is not None and batch.expires_on is not None and batch.is_expired(case.day):
        text = _("Batch %(batch)s expired: its last day was %(day)s. Put the vial aside and open another one.")
        yield _stop("batch_expired", text, batch=batch.number, day=_day(batch.expires_on))


def _past_use_by(case: Given) -> Found:
    if case.item.use_by is not None and case.item.use_by < case.given_at:
        text = _("The vial was to be used by %(time)s. Throw away what is left in it and open another one.")
        yield _stop("past_use_by", text, time=written(case.item.use_by))


def _elsewhere(case: Given) -> Found:
    if case.vial is not None and case.vial.station.site_id != case.site.pk:
        yield _stop("elsewhere", _("The vial belongs to another site. Choose the one from which the dose was drawn."))


def _not_held(case: Case) -> Found:
    if case.held < 1:
        text = _("The store of this site has no opened dose of %(item)s. Open the vial at the station by scanning it.")
        yield _stop("not_held", text, item=case.item.label)


def _before_vial(case: Given) -> Found:
    if case.vial is not None and case.given_at < case.vial.opened_at - CLOCK_TOLERANCE:
        text = _(
            "The vial was opened at %(time)s, later than the dose is said to be given. Correct the time, or choose the "
            "right vial."
        )
        yield _stop("before_vial", text, time=written(case.vial.opened_at))


# --- the site's day -----------------------------------------------------------------------------


def _future(case: Given) -> Found:
    if case.given_at > case.now + CLOCK_TOLERANCE:
        text = _("The time lies in the future: it is %(time)s now. Write when the dose was given.")
        yield _stop("future", text, time=written(case.now))


def _before_arrival(case: Case) -> Found:
    yield from before_arrival(case.visit, case.given_at)


def before_arrival(visit: Visit | None, given_at: datetime) -> Found:
    """That the person was not here yet, or came on another day."""
    if visit is None:
        return
    if visit.day != timezone.localdate(given_at):
        text = _(
            "The person came on %(day)s, and the dose is said to be given on another day. Correct the day of the dose."
        )
        yield _stop("before_arrival", text, day=_day(visit.day))
    elif given_at < visit.arrived_at - CLOCK_TOLERANCE:
        text = _(
            "The person arrived at %(time)s, later than the dose is said to be given. Correct the time of the dose."
        )
        yield _stop("before_arrival", text, time=written(visit.arrived_at))


def _not_arrived(case: Case) -> Found:
    if case.visit is None or case.visit.state == Visit.State.ARRIVED:
        return
    text = _("This person is not waiting for a dose here (%(state)s). Look at the day's list, and check them in first.")
    yield _stop("not_arrived", text, state=case.visit.get_state_display())


def _day_closed(case: Case) -> Found:
    if case.is_day_closed:
        text = _("The day %(day)s is closed at this site. Ask the manager to open it again, then record the dose.")
        yield _stop("day_closed", text, day=_day(case.day))


def _no_doctor(case: Given) -> Found:
    if case.doctor is None or not case.doctor.is_doctor or case.doctor.site_id != case.site.pk:
        yield _stop("no_doctor", _("No doctor of this site answers for the dose. Choose the doctor who is here today."))
    if case.given_by is None or case.given_by.site_id != case.site.pk:
        yield _stop("nobody_gave_it", _("Nobody of this site is named as giving the dose. Choose who gave it."))


def _not_at_work(case: Given) -> Found:
    for rule, worker in (("no_doctor", case.doctor), ("nobody_gave_it", case.given_by)):
        if worker is not None and not _works(worker, case):
            text = _("%(name)s did not work at this site when the dose was given. Choose who did.")
            yield _stop(rule, text, name=worker.name)


MEDICAL: tuple[Callable[[Course], Found], ...] = (_not_offered, _other_vaccine, _too_young, _too_early, _too_late)
POSSIBLE: tuple[Callable[[Given], Found], ...] = (
    _deceased,
    _batch_blocked,
    _batch_expired,
    _past_use_by,
    _future,
    _before_vial,
    _elsewhere,
    _no_doctor,
    _not_at_work,
)
RULES: tuple[Callable[[Case], Found], ...] = (
    _merged,
    _same_day,
    _not_arrived,
    _day_closed,
    _number,
    _order,
    *MEDICAL,
    _earlier_than_usual,
    _not_asked,
    _answers,
    *POSSIBLE,
    _not_held,
    _before_arrival,
)


ABOUT_THE_VIAL = frozenset({"batch_blocked", "batch_expired", "past_use_by", "before_vial", "elsewhere"})


def _stop(rule: str, text: str, **told: str | int) -> Finding:
    return Finding(rule, text % told if told else text, Weight.STOP)


def _ask(rule: str, text: str, **told: str | int) -> Finding:
    return Finding(rule, text % told if told else text, Weight.OVERRIDABLE)


def _works(worker: HealthWorker, case: Given) -> bool:
    """Whether the worker was in the team then; one of the first day counts from its morning."""
    ended_at = worker.ended_at
    is_after = ended_at is not None and ended_at < case.given_at - CLOCK_TOLERANCE
    return timezone.localdate(worker.began_at) <= case.day and not is_after


def _is_late(case: Given) -> bool:
    """Whether the ledger will take it as an entry recorded late (`recording.happened_at`)."""
    return case.now - case.given_at > RECORDED_AT_ONCE


def _day(day: date) -> str:
    return date_format(day, "j. n. Y")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
