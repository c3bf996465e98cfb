"""The caps on PINs by SMS: per number, per thousand numbers, per foreign country, in total.

What is counted are the rows of `PhonePin`, which are written with each SMS and kept for 24 hours. So a
rolled back request counts nothing, an emptied Valkey forgets nothing, and no counter is locked by everybody.
A cap of "200/h" is reached while the 200th last PIN is younger than an hour; that PIN also tells from
when there is room again (docs/adr/0016-sms-abuse.md).

The cap of a number is exact. The others may be passed by as many PINs as are being sent at that moment.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Count
from django.db.models.functions import Cast, Left, Length

from crs.advisory_locks import Lock, take
from crs.messaging import alarms
from crs.rates import Rate, rates
from registration.models import PhonePin, SmsAlarm
from registration.telephones.phone import calling_code

HOME_CODE = 420
# The last digits of a number that a prefix leaves open: a thousand numbers.
OPEN_DIGITS = 3
PREFIXES_SHOWN = 5
ALARMS_KEPT = timedelta(days=30)
# No telephone number in E.164 has more digits.
_MOST_DIGITS = 15

# For each cap of N: the Nth last PIN, if there are N. A range uses the index on `phone`; LIKE would need another. The
# total goes back N keys instead of counting rows, so a key lost in a failed request counts as a PIN.
_NTH_LAST = """
SELECT false AS is_total, cap.place, pin.sent_at
FROM unnest(%(starts)s::text[], %(ends)s::text[], %(counts)s::int[], %(sinces)s::timestamptz[])
    WITH ORDINALITY AS cap (first, last, count, since, place)
CROSS JOIN LATERAL (
    SELECT sent_at FROM registration_phonepin
    WHERE phone BETWEEN cap.first AND cap.last AND sent_at > cap.since
    ORDER BY sent_at DESC OFFSET cap.count - 1 LIMIT 1) AS pin
UNION ALL
SELECT true, cap.place, pin.sent_at
FROM unnest(%(total_counts)s::int[]) WITH ORDINALITY AS cap (count, place)
CROSS JOIN LATERAL (
    SELECT sent_at FROM registration_phonepin
    WHERE id <= (SELECT max(id) FROM registration_phonepin) - cap.count + 1
    ORDER BY id DESC LIMIT 1) AS pin
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cap:
    """One rate for one group of telephone numbers: those that begin with `start`, all if it is empty.

    A cap of one person's number (`is_of_one`) covers no longer numbers that begin alike, which Germany and Austria
    have, and raises no alarm.
    """

    name: str
    start: str
    rate: Rate
    is_of_one: bool = False

    @property
    def end(self) -> str:
        """The last number of the group."""
        return self.start if self.is_of_one else self.start.ljust(_MOST_DIGITS + 1, "9")


def caps_of(phone: str) -> list[Cap]:
    """Every cap that a PIN to `phone` (E.164) falls under."""
    of_number = [Cap("number", phone, rate, is_of_one=True) for rate in rates(settings.PINS_PER_PHONE)]
    return of_number + _prefix_caps(phone) + _country_caps(calling_code(phone)) + _total_caps()


def _prefix_caps(phone: str) -> list[Cap]:
    prefix, code = phone[:-OPEN_DIGITS], calling_code(phone)
    return [Cap(f"prefix {_grouped(prefix, code)}", prefix, rate) for rate in rates(settings.PINS_PER_PREFIX)]


def _country_caps(code: int) -> list[Cap]:
    """Home has no other cap than the total, for nearly all are from here."""
    allowed = rates(settings.PINS_PER_COUNTRY) if code != HOME_CODE else []
    return [Cap(f"country +{code}", f"+{code}", rate) for rate in allowed]


def _total_caps() -> list[Cap]:
    return [Cap("total", "", rate) for rate in rates(settings.PINS_IN_TOTAL)]


def closed_until(*, phone: str, now: datetime) -> datetime | None:
    """None if there is room for a PIN to `phone` (E.164), else from when there may be.

    Called in the transaction that then writes the PIN: another request for the number waits here until it
    ends. The first refusal by a cap of many numbers raises the alarm.
    """
    take(Lock.PINS_OF_A_PHONE, phone)
    caps = caps_of(phone)
    reached = _reached(caps, now)
    for cap in reached:
        if not cap.is_of_one:
            raise_alarm(cap, now=now)
    return max(reached.values(), default=None)


def _reached(caps: list[Cap], now: datetime) -> dict[Cap, datetime]:
    """Which of `caps` have no room, and until when."""
    of_some = [cap for cap in caps if cap.start]
    of_all = [cap for cap in caps if not cap.start]
    with connection.cursor() as cursor:
        cursor.execute(
            _NTH_LAST,
            {
                "starts": [cap.start for cap in of_some],
                "ends": [cap.end for cap in of_some],
                "counts": [cap.rate.count for cap in of_some],
                "sinces": [now - cap.rate.period for cap in of_some],
                "total_counts": [cap.rate.count for cap in of_all],
            },
        )
        used_up = [((of_all if is_total else of_some)[place - 1], sent_at) for is_total, place, sent_at in cursor]
    ends = {cap: sent_at + cap.rate.period for cap, sent_at in used_up}
    # In the order of `caps`, which is the order in which their alarms are locked.
    return {cap: ends[cap] for cap in caps if cap in ends and ends[cap] > now}


def raise_alarm(cap: Cap, *, now: datetime) -> None:
    """Log, and tell `ALARM_EMAIL`, that a cap was reached; once in its period, however many are refused."""
    alarm, is_new = SmsAlarm.objects.get_or_create(cap=f"{cap.name}, {cap.rate}", defaults={"raised_at": now})
    before = now - cap.rate.period
    if not is_new and alarm.raised_at > before:
        return
    # The WHERE clause is the check: of two requests at once the second finds no row.
    if not is_new and not SmsAlarm.objects.filter(pk=alarm.pk, raised_at__lte=before).update(raised_at=now):
        return
    transaction.on_commit(partial(logger.error, "Cap on SMS with PINs reached: %s", alarm.cap))
    alarms.tell_operators("registration/sms_cap", {"cap": alarm.cap}, now=now)


@dataclass(frozen=True)
class Level:
    """How many PINs there were in the period of a cap."""

    cap: Cap
    count: int

    @property
    def is_reached(self) -> bool:
        """Whether there is no room."""
        return self.count >= self.cap.rate.count


def levels(now: datetime) -> list[Level]:
    """The level of the total, of every foreign country with PINs in 24 hours, and of the busiest prefixes; for ops.

    It reads all PINs of a day.
    """
    prefixes = PhonePin.objects.annotate(prefix=Left(Cast("phone", CharField()), Length("phone") - OPEN_DIGITS))
    counted = prefixes.values_list("prefix").annotate(count=Count("pk")).order_by("-count", "prefix")
    phones = [f"{prefix}{'0' * OPEN_DIGITS}" for prefix, _pins in counted]
    caps = _total_caps()
    for code in sorted(set(map(calling_code, phones))):
        caps += _country_caps(code)
    for phone in phones[:PREFIXES_SHOWN]:
        caps += _prefix_caps(phone)
    return [Level(cap, _count(cap, now)) for cap in caps]


def _count(cap: Cap, now: datetime) -> int:
    pins = PhonePin.objects.filter(sent_at__gt=now - cap.rate.period)
    return (pins.filter(phone__range=(cap.start, cap.end)) if cap.start else pins).count()


def forget_alarms(*, now: datetime) -> None:
    """Delete alarms older than 30 days."""
    SmsAlarm.objects.filter(raised_at__lt=now - ALARMS_KEPT).delete()


def _grouped(prefix: str, code: int) -> str:
    """The prefix as people read it, such as +420 601 234; in one piece a log would hide it as a birth number."""
    national = prefix[len(str(code)) + 1 :]
    return " ".join([f"+{code}", *(national[start : start + 3] for start in range(0, len(national), 3))])
