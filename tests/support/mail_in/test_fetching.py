"""Letters fetched from a real dovecot, and from a server that misbehaves."""

import itertools
import logging
import os
import signal
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection as Pipe

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from crs.messaging.models import Message
from support.mail_in import fetching, filing, mailbox, receiving
from support.mail_in.fetching import Fetched
from support.mail_in.mailbox import MailboxAway
from support.mail_out import tokens
from support.models import Desk, Letter
from tests.factories import make_ticket
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.mail_in.imap_server import HANG_UP, imap_server, usual
from tests.support.mail_in.letters import SITES
from tests.support.mail_in.receiver import SENDER, came, in_process, killed, letter

pytestmark = pytest.mark.django_db(transaction=True)

_numbers = itertools.count()


@pytest.fixture
def user(dovecot: Dovecot, settings: Settings) -> str:
    """The owner of a mailbox that nobody else uses; it is that of the sites' desk."""
    user = f"desk{next(_numbers)}@example.cz"
    settings.SUPPORT_MAILBOXES = {"SITES": dovecot.url(user), "LINE": ""}
    return user


def fetch() -> Fetched | None:
    return fetching.fetch(Desk.SITES, now=timezone.now())


def test_a_letter_is_at_its_ticket_and_gone_from_the_mailbox(dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(letter(), user)
    assert fetch() == Fetched(filed=1)
    taken = came().get()
    assert (taken.state, taken.desk) == (Letter.State.FILED, Desk.SITES)
    assert (taken.envelope_sender, taken.envelope_recipient) == (SENDER, SITES)
    assert bytes(taken.raw.content).endswith(letter()), "dovecot adds its lines above it, and changes nothing"
    assert dovecot.count(user) == 0
    assert fetch() == Fetched()


def test_the_letter_that_comes_twice_is_one(dovecot: Dovecot, user: str) -> None:
    for _ in range(2):
        dovecot.deliver(letter(), user)
    assert fetch() == Fetched(filed=2)
    assert came().count() == 1


def test_what_is_done_may_go_to_a_folder_which_is_made(dovecot: Dovecot, user: str, settings: Settings) -> None:
    settings.SUPPORT_MAILBOXES["SITES"] = dovecot.url(user, more="?done=Vy%C5%99%C3%ADzen%C3%A9")
    dovecot.deliver(letter(), user)
    assert fetch() == Fetched(filed=1)
    assert dovecot.count(user) == 0
    assert dovecot.count(user, '"Vy&AVkA7Q-zen&AOk-"') == 1


def test_over_tls_a_server_must_prove_its_name(
    dovecot: Dovecot, user: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter(), user)
    for scheme in ("imaps", "imap+starttls"):
        settings.SUPPORT_MAILBOXES["SITES"] = dovecot.url(user, scheme=scheme)
        with pytest.raises(MailboxAway, match="CERTIFICATE_VERIFY_FAILED") as refused:
            fetch()
        assert PASSWORD not in str(refused.value)
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    assert ssl.create_default_context().cert_store_stats()["x509"] >= 1
    assert fetch() == Fetched(filed=1)
    settings.SUPPORT_MAILBOXES["SITES"] = dovecot.url(user, scheme="imaps")
    assert fetch() == Fetched()


def test_the_address_with_a_token_is_found_in_what_servers_write_above_the_letter(dovecot: Dovecot, user: str) -> None:
    signed = tokens.reply_address(make_ticket())
    above = f"Delivered-To: <podpora+printer@crs.example>\r\nDelivered-To: <{signed}>\r\n".encode()
    dovecot.deliver(above + letter(), user, sender="")
    fetch()
    taken = came().get()
    assert (taken.envelope_sender, taken.envelope_recipient) == ("<>", signed)


def test_of_a_letter_without_a_return_path_the_sender_on_the_envelope_is_not_known(settings: Settings) -> None:
    with imap_server(usual(letter())) as port:
        misbehaving(settings, port)
        assert fetch() == Fetched(filed=1)
    taken = came().get()
    assert (taken.envelope_sender, taken.kind) == ("", Letter.Kind.HUMAN)


def test_a_letter_that_fails_stays_and_those_behind_it_are_fetched(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in ("first", "bad", "last"):
        dovecot.deliver(letter(subject=subject), user)
    accept = receiving.accept

    def fault(raw: bytes, **arguments: object) -> Letter:
        if b"Subject: bad" in raw:
            raise RecursionError
        return accept(raw, **arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "accept", fault)
        assert fetch() == Fetched(filed=2, failed=1)
    assert dovecot.count(user) == 1
    assert fetch() == Fetched(filed=1)
    assert came().count() == 3


def test_a_letter_that_is_kept_and_not_filed_stays_until_it_is(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter(), user)
    with monkeypatch.context() as patch:
        patch.setattr(filing, "file", lambda *_, **__: 1 / 0)
        assert fetch() == Fetched(waiting=1)
    assert fetch() == Fetched(waiting=1), "the sweep counts the tries"
    assert came().get().state == Letter.State.RECEIVED
    assert dovecot.count(user) == 1
    assert filing.file_received(timezone.now() + timedelta(minutes=1)) == 1
    assert fetch() == Fetched(filed=1)
    assert came().get().state == Letter.State.FILED


def test_a_letter_that_is_too_large_stays_marked_and_operators_are_told_once(
    dovecot: Dovecot, user: str, settings: Settings
) -> None:
    settings.ALARM_EMAIL, settings.LARGEST_LETTER = "ops@example.cz", 2000
    dovecot.deliver(letter(subject="large", text="x" * 3000), user)
    dovecot.deliver(letter(), user)
    assert fetch() == Fetched(filed=1, too_large=1)
    assert fetch() == Fetched(too_large=1)
    alarm = Message.objects.get(recipient="ops@example.cz")
    assert "SITES" in alarm.text
    client = dovecot.open(user)
    (flags,) = client.fetch("1", "(FLAGS)")[1]
    client.logout()
    assert isinstance(flags, bytes)
    assert b"\\Flagged" in flags
    assert b"\\Seen" not in flags


def test_that_somebody_flagged_a_letter_which_is_too_large_says_not_that_operators_know(
    dovecot: Dovecot, user: str, settings: Settings
) -> None:
    settings.ALARM_EMAIL, settings.LARGEST_LETTER = "ops@example.cz", 2000
    dovecot.deliver(letter(subject="large", text="x" * 3000), user)
    client = dovecot.open(user)
    client.store("1", "+FLAGS", r"(\Flagged)")
    client.logout()
    for _ in range(2):
        assert fetch() == Fetched(too_large=1)
    assert Message.objects.filter(recipient="ops@example.cz").count() == 1


def test_a_server_that_keeps_no_marks_of_ours_is_given_one_that_it_knows(settings: Settings) -> None:
    settings.ALARM_EMAIL, settings.LARGEST_LETTER = "ops@example.cz", 2000
    answers, stored = usual(letter(text="x" * 3000)), []

    def plain(command: str) -> bytes | None:
        answer = answers(command)
        if command.startswith("SELECT") and answer is not None:
            return answer + b"* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted)] Limited\r\n"
        if command.startswith("UID STORE"):
            stored.append(command)
        if command.startswith("FETCH") and stored and answer is not None:
            return answer.replace(b"FLAGS ()", b"FLAGS (\\Flagged)")
        return answer

    with imap_server(plain) as port:
        misbehaving(settings, port)
        for _ in range(2):
            assert fetch() == Fetched(too_large=1)
    assert [command.partition("FLAGS ")[2] for command in stored] == [r"(\Flagged)"]
    assert Message.objects.filter(recipient="ops@example.cz").count() == 1


def test_what_somebody_moves_meanwhile_is_left_alone(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for subject in ("one", "two", "three"):
        dovecot.deliver(letter(subject=subject), user)
    accept = receiving.accept
    is_moved = False

    def somebody_moves(raw: bytes, **arguments: object) -> Letter:
        nonlocal is_moved
        if not is_moved:  # this letter, which is then already gone, and the next one, which was listed
            is_moved = True
            client = dovecot.open(user)
            client.create("Elsewhere")
            client.copy("1:2", "Elsewhere")
            client.store("1:2", "+FLAGS", r"(\Deleted)")
            client.expunge()
            client.logout()
        return accept(raw, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "accept", somebody_moves)
    assert fetch() == Fetched(filed=2, gone=1)
    assert (dovecot.count(user), dovecot.count(user, "Elsewhere")) == (0, 2)


def test_marked_by_somebody_else_is_not_deleted_by_us(dovecot: Dovecot, user: str) -> None:
    for subject in ("theirs", "ours"):
        dovecot.deliver(letter(subject=subject), user)
    client = dovecot.open(user)
    client.store("1", "+FLAGS", r"(\Deleted)")
    assert fetch() == Fetched(filed=1)
    client.store("1", "-FLAGS", r"(\Deleted)")
    client.logout()
    assert dovecot.count(user) == 1
    assert fetch() == Fetched(filed=1)


def test_a_folder_made_anew_meanwhile_loses_no_letter_to_an_old_number(
    dovecot: Dovecot, user: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SUPPORT_MAILBOXES["SITES"] = dovecot.url(user).replace("INBOX", "Desk")
    owner = dovecot.open(user)
    owner.create("Desk")
    owner.append("Desk", None, None, letter(subject="old"))
    accept = receiving.accept

    def somebody_makes_it_anew(raw: bytes, **arguments: object) -> Letter:
        taken = accept(raw, **arguments)  # type: ignore[arg-type]
        if b"old" in raw:
            time.sleep(1.1)  # dovecot counts UIDVALIDITY in seconds
            owner.delete("Desk")
            owner.create("Desk")
            owner.append("Desk", None, None, letter(subject="new"))
        return taken

    monkeypatch.setattr(receiving, "accept", somebody_makes_it_anew)
    with suppress(MailboxAway):  # or dovecot refuses to delete, as it sees what happened
        fetch()
    assert dovecot.count(user, "Desk") == 1, "the new letter has the old one's UID"
    assert fetch() == Fetched(filed=1)
    assert came().count() == 2
    owner.logout()


def test_of_two_fetchers_the_second_leaves_the_mailbox_to_the_first(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.deliver(letter(), user)
    accept = receiving.accept
    seconds: list[Fetched | None] = []

    def second_comes(raw: bytes, **arguments: object) -> Letter:
        seconds.append(fetch())
        return accept(raw, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "accept", second_comes)
    assert fetch() == Fetched(filed=1)
    assert seconds == [None]


def test_two_fetchers_at_once_make_one_letter_of_one(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control twin: without the key in the cache, which may be gone, the database decides."""
    dovecot.deliver(letter(), user)
    accept = receiving.accept
    seconds: list[Fetched | None] = []

    def second_comes(raw: bytes, **arguments: object) -> Letter:
        if not seconds:
            cache.clear()
            seconds.append(Fetched())
            seconds[0] = fetch()
        return accept(raw, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(receiving, "accept", second_comes)
    assert fetch() == Fetched(filed=1)
    assert seconds == [Fetched(filed=1)]
    assert came().count() == 1
    assert dovecot.count(user) == 0


def kill_after(module: object, name: str) -> None:
    """Let this process be killed as soon as a function has done its work."""
    work: Callable[..., object] = getattr(module, name)

    def last(*arguments: object, **named: object) -> None:
        work(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, last)


def fetch_and_die_before_the_deletion(pipe: Pipe) -> None:
    kill_after(receiving, "accept")
    fetch()


def fetch_and_die_before_the_commit(pipe: Pipe) -> None:
    kill_after(receiving, "execute_with_bytes")
    fetch()


@pytest.mark.parametrize("die", [fetch_and_die_before_the_deletion, fetch_and_die_before_the_commit])
def test_a_fetcher_that_is_killed_loses_nothing_and_takes_nothing_twice(
    dovecot: Dovecot, user: str, die: Callable[[Pipe], None]
) -> None:
    for subject in ("one", "two"):
        dovecot.deliver(letter(subject=subject), user)
    process, _ = in_process(die)
    assert killed(process)
    assert came().count() == (1 if die is fetch_and_die_before_the_deletion else 0)
    assert dovecot.count(user) == 2
    assert fetch() is None, "whoever died is thought to be at it, for a minute"
    cache.clear()
    assert fetch() == Fetched(filed=2)
    assert came().count() == 2
    assert dovecot.count(user) == 0


# --- servers that misbehave ------------------------------------------------------------------------


def misbehaving(settings: Settings, port: int) -> None:
    settings.SUPPORT_MAILBOXES = {"SITES": f"imap://desk:secret@127.0.0.1:{port}", "LINE": ""}


def test_a_server_that_is_silent_for_five_seconds_is_waited_for(settings: Settings) -> None:
    answers, is_first = usual(letter()), [True]

    def slow(command: str) -> bytes | None:
        if command.startswith("UID FETCH") and is_first.pop():
            time.sleep(5)
        return answers(command)

    with imap_server(slow) as port:
        misbehaving(settings, port)
        assert fetch() == Fetched(filed=1)


@pytest.mark.parametrize("silent", ["CAPABILITY", "LOGIN", "SELECT", "UID FETCH", "STATUS"])
def test_a_server_that_is_silent_for_ever_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    monkeypatch.setattr(mailbox, "SECONDS_OF_SILENCE", 0.3)
    answers = usual(letter())
    with imap_server(lambda command: None if command.startswith(silent) else answers(command)) as port:
        misbehaving(settings, port)
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            fetch()
        assert time.monotonic() - began < 5


def test_a_server_that_is_slow_byte_by_byte_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "SECONDS_AT_MOST", 0.5)
    answers = usual(letter())

    def dripping(command: str) -> bytes | None:
        return None if command.startswith("UID FETCH") else answers(command)

    with imap_server(dripping) as port:
        misbehaving(settings, port)
        began = time.monotonic()
        with pytest.raises(MailboxAway):
            fetch()
        assert time.monotonic() - began < 5


def test_a_letter_of_which_the_connection_broke_off_is_not_taken(settings: Settings) -> None:
    answers = usual(letter())

    def broken(command: str) -> bytes | None:
        answer = answers(command)
        return answer[:-200] + HANG_UP if command.startswith("UID FETCH") and answer else answer

    with imap_server(broken) as port:
        misbehaving(settings, port)
        with pytest.raises(MailboxAway):
            fetch()
    assert not came().exists()


def test_nothing_is_deleted_by_numbers_of_another_folder(settings: Settings) -> None:
    answers, commands = usual(letter()), []

    def made_anew(command: str) -> bytes | None:
        commands.append(command)
        is_over = any(command.startswith("UID FETCH") for command in commands)
        return usual(validity=2)(command) if command.startswith("STATUS") and is_over else answers(command)

    with imap_server(made_anew) as port:
        misbehaving(settings, port)
        with pytest.raises(MailboxAway, match="made anew"):
            fetch()
    assert came().count() == 1
    assert not [command for command in commands if command.startswith(("UID STORE", "UID EXPUNGE", "UID MOVE"))]


def test_a_server_may_be_wrong_about_the_size_of_a_letter(settings: Settings) -> None:
    settings.LARGEST_LETTER = 2000
    long, short = letter(subject="long", text="x" * 3000), letter()
    with imap_server(usual(long, short, sizes={1: 10, 2: 20})) as port:
        misbehaving(settings, port)
        assert fetch() == Fetched(filed=1, too_large=1)


def test_a_server_that_announces_more_than_was_asked_for_is_not_believed(settings: Settings) -> None:
    answers = usual(letter())

    def boasting(command: str) -> bytes | None:
        return b"* 1 FETCH (UID 1 BODY[]<0> {9999999999}\r\nx" if command.startswith("UID FETCH") else answers(command)

    with imap_server(boasting) as port:
        misbehaving(settings, port)
        with pytest.raises(MailboxAway, match="9999999999"):
            fetch()


def test_a_short_letter_may_come_within_the_line(settings: Settings) -> None:
    answers = usual(b"x")

    def within(command: str) -> bytes | None:
        if command.startswith("UID FETCH"):
            return b'* 1 FETCH (UID 1 BODY[]<0> "Subject: a \\"b\\"")\r\n'
        return answers(command)

    with imap_server(within) as port:
        misbehaving(settings, port)
        assert fetch() == Fetched(filed=1)
    assert bytes(came().get().raw.content) == b'Subject: a "b"'


def test_a_mailbox_that_is_away_is_told_to_operators_after_a_while_and_holds_up_no_other(
    dovecot: Dovecot, user: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALARM_EMAIL = "ops@example.cz"
    settings.SUPPORT_MAILBOXES = {"SITES": "imap://desk:geheim@127.0.0.1:1", "LINE": dovecot.url(user)}
    dovecot.deliver(letter(), user)
    now = timezone.now()
    with caplog.at_level(logging.ERROR):
        outcome = fetching.fetch_all(now=now)
    assert isinstance(outcome[Desk.SITES], MailboxAway)
    assert outcome[Desk.LINE] == Fetched(filed=1)
    assert "geheim" not in caplog.text
    for minutes in (14, 16, 17):
        fetching.fetch_all(now=now + timedelta(minutes=minutes))
    assert Message.objects.filter(recipient="ops@example.cz").count() == 1


@pytest.mark.parametrize("url", ["imap://u:p@" + "a" * 70 + ".example/INBOX", "imap://nothing"])
def test_an_address_of_no_use_holds_up_no_other_mailbox_either(
    dovecot: Dovecot, user: str, settings: Settings, url: str
) -> None:
    settings.SUPPORT_MAILBOXES = {"SITES": url, "LINE": dovecot.url(user)}
    dovecot.deliver(letter(), user)
    outcome = fetching.fetch_all(now=timezone.now())
    assert isinstance(outcome[Desk.SITES], MailboxAway)
    assert outcome[Desk.LINE] == Fetched(filed=1)


def test_a_fault_of_ours_holds_up_no_other_mailbox(
    dovecot: Dovecot, user: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SUPPORT_MAILBOXES = {"SITES": "imap://u:p@127.0.0.1:1", "LINE": dovecot.url(user)}
    dovecot.deliver(letter(), user)
    fetch_one = fetching.fetch

    def fault(desk: Desk, **arguments: datetime) -> Fetched | None:
        return fetch_one(desk, **arguments) if desk == Desk.LINE else Fetched(filed=1 // 0)

    monkeypatch.setattr(fetching, "fetch", fault)
    assert fetching.fetch_all(now=timezone.now())[Desk.LINE] == Fetched(filed=1)
