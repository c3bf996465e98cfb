"""A rule in words, 'po–pá 8:00–16:00', '4 místa po 15 minutách', and what is to be said of a plan."""

from collections.abc import Iterable, Iterator
from datetime import time
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crs.typed_moment import written_day
from reservation.models import OLDEST, YOUNGEST
from reservation.opening.drafts import Draft, Span
from reservation.opening.plans import Plan


def hours_in_words(spans: Iterable[Span]) -> str:
    """The hours of a week: weekdays in a row with equal hours stand together."""
    by_day: list[tuple[int, str]] = []
    for weekday, of_day in groupby(sorted(spans), key=lambda span: span.weekday):
        by_day.append((weekday, typed_hours(of_day)))
    runs: list[tuple[list[int], str]] = []
    for weekday, hours in by_day:
        if runs and runs[-1][1] == hours and runs[-1][0][-1] == weekday - 1:
            runs[-1][0].append(weekday)
        else:
            runs.append(([weekday], hours))
    return "; ".join(f"{_weekdays(days)} {hours}" for days, hours in runs)


def rule_in_words(draft: Draft) -> str:
    """By what a rule is known among others: its hours, its days, whom it serves."""
    days = f"{written_day(draft.valid_from)} – {written_day(draft.valid_until) if draft.valid_until else ''}".strip()
    return ", ".join(filter(None, [hours_in_words(draft.hours), days, ages_in_words(draft)]))


def typed_hours(spans: Iterable[Span]) -> str:
    """The hours of a day as a person would type them: '8:00–12:00, 13:00–16:00'."""
    return ", ".join(f"{_clock(span.opens_at)}–{_clock(span.closes_at)}" for span in sorted(spans))


def seats_in_words(draft: Draft) -> str:
    """How many people come, and how often."""
    return ngettext(
        "%(seats)d seat every %(minutes)d minutes", "%(seats)d seats every %(minutes)d minutes", draft.seats
    ) % {"seats": draft.seats, "minutes": draft.minutes}


def shares_in_words(draft: Draft) -> str:
    """What the seats are kept for; empty where all are for every dose."""
    shares = (
        (draft.first_percent, _("%(percent)d %% for first doses")),
        (draft.second_percent, _("%(percent)d %% for second and later doses")),
        (draft.substitute_percent, _("%(percent)d %% for substitutes")),
    )
    kept = [words % {"percent": percent} for percent, words in shares if percent]
    rest = 100 - sum(percent for percent, _words in shares)
    if kept and rest:
        kept.append(_("the rest for any dose"))
    return get_text_list(kept, _("and"))


def ages_in_words(draft: Draft) -> str:
    """Whom it serves; empty where it serves everybody."""
    youngest, oldest = draft.youngest_age, draft.oldest_age
    if youngest > YOUNGEST and oldest < OLDEST:
        return _("for people from %(youngest)d to %(oldest)d years") % {"youngest": youngest, "oldest": oldest}
    if youngest > YOUNGEST:
        return _("for people from %(youngest)d years on") % {"youngest": youngest}
    if oldest < OLDEST:
        return _("for people up to %(oldest)d years") % {"oldest": oldest}
    return ""


def notes_on(plan: Plan) -> list[str]:
    """What the editor may not have meant, and what needs an explanation."""
    made = _("Times are made until %(day)s now; each night adds a day.")
    return [*_notes_on_seats(plan), *_notes_on_days(plan), made % {"day": written_day(plan.last_day)}]


def _notes_on_seats(plan: Plan) -> Iterator[str]:
    if plan.unpaired:
        yield ngettext(
            "%(count)d seat for a first dose stays closed: there is no seat for the later doses after it.",
            "%(count)d seats for first doses stay closed: there are no seats for the later doses after them.",
            plan.unpaired,
        ) % {"count": plan.unpaired}
    if plan.waiting_from:
        yield ngettext(
            "%(count)d seat for a first dose from %(day)s on waits for the times of the later doses. It opens by "
            "itself when the days of those are made.",
            "%(count)d seats for first doses from %(day)s on wait for the times of the later doses. They open by "
            "themselves when the days of those are made.",
            plan.waiting,
        ) % {"count": plan.waiting, "day": written_day(plan.waiting_from)}
    if plan.held_back:
        yield ngettext(
            "%(count)d seat of the next 7 days stays closed: there is no vaccine for it.",
            "%(count)d seats of the next 7 days stay closed: there is no vaccine for them.",
            plan.held_back,
        ) % {"count": plan.held_back}
    if plan.by_hand:
        yield ngettext(
            "%(count)d time set by hand stays as it is.",
            "%(count)d times set by hand stay as they are.",
            plan.by_hand,
        ) % {"count": plan.by_hand}


def _notes_on_days(plan: Plan) -> Iterator[str]:
    if plan.days_off:
        days = ", ".join(map(written_day, plan.days_off))
        yield _("Public holidays on which the site is closed: %(days)s.") % {"days": days}
    if plan.minutes_left:
        yield ngettext(
            "The last interval ends %(count)d minute before closing: the hours are no multiple of the interval.",
            "The last interval ends %(count)d minutes before closing: the hours are no multiple of the interval.",
            plan.minutes_left,
        ) % {"count": plan.minutes_left}


def _weekdays(days: list[int]) -> str:
    first, last = (str(WEEKDAYS_ABBR[day]).lower() for day in (days[0], days[-1]))
    if first == last:
        return first
    return f"{first}–{last}" if len(days) > 2 else f"{first}, {last}"


def _clock(at: time) -> str:
    return f"{at.hour}:{at:%M}"
