"""When the group of somebody who came too early opens, and the SMS that says so."""

from dataclasses import dataclass
from datetime import datetime

from registration.applying.registering import Details
from registration.groups import reminders
from registration.groups.eligibility import decide
from registration.groups.rules import rules_at
from registration.models import PriorityGroup


@dataclass(frozen=True)
class Opening:
    """The group that opens first for a person; `at` is None where its time is not known yet."""

    group: PriorityGroup
    at: datetime | None


def of(details: Details, *, now: datetime) -> Opening | None:
    """What somebody waits for who may not register at `now`; None where no group fits."""
    fitting = decide(details.facts, rules_at(now), now=now).rules
    if not fitting:
        return None
    # Of groups that open together the best one counts; the rules come in this order.
    known = [Opening(rule.group, rule.registers_from) for rule in fitting if rule.registers_from is not None]
    return min(known, key=lambda opening: opening.at or now) if known else Opening(fitting[0].group, None)


def remind(code: str, *, phone: str, language: str, now: datetime) -> bool:
    """Keep a reminder for the proven telephone; False where no group of this code waits for its time."""
    waiting = {rule.group.code: rule.group for rule in rules_at(now) if not rule.registers(now)}
    if code not in waiting:
        return False
    reminders.remind(phone=phone, group=waiting[code], language=language, now=now)
    return True
