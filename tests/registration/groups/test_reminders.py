"""Who came before their group's time is told once when it comes, by the rules of that moment."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db.models import QuerySet

from crs.messaging import outbox
from crs.messaging.models import Message
from registration.groups import reminders, tasks
from registration.models import GroupRule, OpeningReminder, PriorityGroup
from tests.factories import NOW, at, make_rule
from tests.race import race

pytestmark = pytest.mark.django_db
PHONE = "+420601234567"
OPENS = at((NOW + timedelta(days=2)).date(), "08:00")
TINY = timedelta(microseconds=1)


def _children_open(moment: datetime = OPENS) -> GroupRule:
    return make_rule("age-5", valid_from=NOW, registers_from=moment, invites_from=moment)


def _remind(phone: str = PHONE, language: str = "cs") -> None:
    reminders.remind(phone=phone, group=PriorityGroup.objects.get(code="age-5"), language=language, now=NOW)


def _sent() -> QuerySet[Message]:
    return Message.objects.filter(template="registration/opening_reminder").order_by("pk")


def test_the_sms_goes_out_when_the_group_registers_and_only_once() -> None:
    _children_open()
    _remind()
    assert reminders.send_due(now=OPENS - TINY) == 0
    assert [reminders.send_due(now=OPENS) for _ in range(3)] == [1, 0, 0]
    message = _sent().get()
    assert (message.recipient, message.channel, message.lane) == (PHONE, "SMS", Message.Lane.BULK)
    assert "Vek 5" in message.text
    assert len(message.text) <= 160


def test_every_group_fits_one_sms_in_czech() -> None:
    for group in PriorityGroup.objects.all():
        reminders.remind(phone=PHONE, group=group, language="cs", now=NOW)
    make_rule("age-5", valid_from=NOW, registers_from=NOW)
    assert reminders.send_due(now=NOW) == PriorityGroup.objects.count()
    without_address = [len(one.text) - len(settings.PUBLIC_URL) for one in _sent()]
    assert max(without_address) <= 160 - len("https://registrace.mzcr.cz")


def test_it_is_written_in_the_language_in_which_it_was_asked_for() -> None:
    _children_open(NOW)
    _remind(language="en")
    reminders.send_due(now=NOW)
    assert _sent().get().text.startswith("Age 5")


def test_asked_for_twice_it_comes_once() -> None:
    _children_open(NOW)
    _remind()
    _remind(language="en")
    assert reminders.send_due(now=NOW) == 1


def test_at_night_nothing_rings_and_in_the_morning_the_rules_are_asked_again() -> None:
    night = at(NOW.date() + timedelta(days=1), "02:00")
    _children_open(night)
    _remind()
    assert reminders.send_due(now=night) == 0
    make_rule("age-5", valid_from=night + timedelta(hours=1), registers_from=None, invites_from=None)
    assert reminders.send_due(now=night + timedelta(hours=6)) == 0
    assert OpeningReminder.objects.get().sent_at is None


def test_where_the_rule_moves_or_is_withdrawn_people_go_on_waiting() -> None:
    rule = _children_open()
    _remind()
    rule.delete()
    assert reminders.send_due(now=OPENS) == 0
    _children_open(OPENS + timedelta(days=7))
    assert reminders.send_due(now=OPENS) == 0
    assert reminders.send_due(now=OPENS + timedelta(days=7)) == 1


def test_many_are_told_in_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    _children_open(NOW)
    for number in range(5):
        _remind(f"+42060100000{number}")
    assert reminders.send_due(now=NOW) == 5
    assert _sent().count() == 5


def test_what_served_is_deleted_and_what_waits_is_kept_for_a_year() -> None:
    _children_open(NOW)
    _remind()
    tasks.send_opening_reminders()
    OpeningReminder.objects.update(sent_at=NOW)
    reminders.remind(phone=PHONE, group=PriorityGroup.objects.get(code="carers"), language="cs", now=NOW)
    assert reminders.forget_old(now=NOW + timedelta(days=30)) == 0
    assert reminders.forget_old(now=NOW + timedelta(days=31)) == 1
    assert reminders.forget_old(now=NOW + timedelta(days=399)) == 0
    assert reminders.forget_old(now=NOW + timedelta(days=401)) == 1
    assert tasks.forget_opening_reminders() == 0


def test_a_run_that_dies_sends_nothing_and_the_next_one_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    _children_open(NOW)
    _remind()

    def die(_messages: object) -> None:
        list(_messages)  # type: ignore[call-overload]
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "queue_all", die)
        with pytest.raises(KeyboardInterrupt):
            reminders.send_due(now=NOW)
    assert OpeningReminder.objects.get().sent_at is None
    assert reminders.send_due(now=NOW) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_send_each_sms_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 3)
    _children_open(NOW)
    for number in range(20):
        _remind(f"+4206010000{number:02}")
    assert sum(race(*[lambda: reminders.send_due(now=NOW)] * 4)) == 20
    assert len(set(_sent().values_list("recipient", flat=True))) == _sent().count() == 20


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_beats_send_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control twin."""
    _children_open(NOW)
    for number in range(20):
        _remind(f"+4206010000{number:02}")
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    race(*[lambda: reminders.send_due(now=NOW)] * 4)
    assert _sent().count() > 20
