"""The receiver: real sockets, real clients, a real database behind it."""

import smtplib
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import Settings

from support.mail_in import listener
from support.mail_out import tokens
from support.models import Desk, Letter
from tests import database
from tests.factories import make_ticket
from tests.support.mail_in.letters import LINE, SITES
from tests.support.mail_in.receiver import SENDER, Receiver, came, letter
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def smtp() -> Iterator[Receiver]:
    with Receiver("smtp") as receiver:
        yield receiver


@pytest.fixture
def lmtp() -> Iterator[Receiver]:
    with Receiver("lmtp") as receiver:
        yield receiver


def raw() -> bytes:
    """The one letter that came, byte by byte."""
    return bytes(came().get().raw.content)


def test_a_letter_is_at_a_ticket_when_its_sender_is_told_that_it_was_taken(smtp: Receiver) -> None:
    assert smtp.send(letter()) == {}
    taken = came().get()
    assert (taken.state, taken.desk, taken.ticket is not None) == (Letter.State.FILED, Desk.SITES, True)
    assert (taken.envelope_sender, taken.envelope_recipient) == (SENDER, SITES)
    assert raw() == letter()
    assert (smtp.listener.taken, smtp.listener.refused) == (1, 0)


def test_lmtp_answers_for_each_recipient_and_each_desk_gets_the_letter_once(lmtp: Receiver) -> None:
    signed = tokens.reply_address(make_ticket())
    recipients = (SITES, "podpora+printer@crs.example", "1221@CRS.EXAMPLE", signed)
    with lmtp.talk() as talk:
        assert talk.say("LHLO test").startswith("250")
        assert talk.say(f"MAIL FROM:<{SENDER}>").startswith("250")
        for recipient in recipients:
            assert talk.say(f"RCPT TO:<{recipient}>").startswith("250")
        assert talk.say("DATA").startswith("354")
        answers = [talk.say(letter() + b"."), *(talk.answer() for _ in range(3))]
        assert answers == [listener.TAKEN] * 4
        assert talk.say("NOOP").startswith("250"), "no fifth answer stands before it"
    letters = {(one.desk, one.envelope_recipient) for one in came().all()}
    # The address with a token of ours goes first: it names the ticket.
    assert letters == {(Desk.SITES, signed), (Desk.LINE, "1221@CRS.EXAMPLE")}


def test_lmtp_refuses_a_letter_for_each_recipient(lmtp: Receiver, settings: Settings) -> None:
    settings.LARGEST_LETTER = len(letter()) - 1
    with lmtp.talk() as talk:
        for line in ("LHLO test", "MAIL FROM:<>", f"RCPT TO:<{SITES}>", f"RCPT TO:<{LINE}>"):
            assert talk.say(line).startswith("250")
        talk.say("DATA")
        assert [talk.say(letter() + b"."), talk.answer()] == [listener.TOO_LARGE] * 2
    assert not came().exists()


def test_lmtp_knows_no_ehlo_and_smtp_no_lhlo(smtp: Receiver, lmtp: Receiver) -> None:
    with smtp.talk() as client, lmtp.talk() as other:
        assert client.say("LHLO test").startswith("500")
        assert other.say("EHLO test").startswith("500")


@pytest.mark.parametrize("length", [998, 999, 70_000, 300_000])
def test_lines_of_any_length_come_through_as_they_are(smtp: Receiver, length: int) -> None:
    content = letter(text="x" * length + "\n.tečka\n..dvě\n\n. \n.\t")
    assert smtp.send(content) == {}
    assert raw() == content


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r\n\x00.\r\n", b"\r.\r\n"])
def test_no_odd_end_hides_a_second_letter_in_the_first(smtp: Receiver, end: bytes) -> None:
    hidden = f"MAIL FROM:<admin@example.cz>\r\nRCPT TO:<{LINE}>\r\nDATA\r\nSubject: hidden\r\n\r\nhidden".encode()
    with smtp.talk() as talk:
        talk.greet()
        assert talk.say(letter() + end + hidden + b"\r\n.") == listener.TAKEN
        assert talk.say("NOOP").startswith("250")
    assert came().get().desk == Desk.SITES
    assert b"hidden" in raw()


def test_commands_that_come_in_one_piece_with_letters_are_heard_in_their_order(smtp: Receiver) -> None:
    one = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{SITES}>\r\nDATA\r\n".encode()
    with smtp.talk() as talk:
        assert talk.say("EHLO test").startswith("250")
        talk.socket.sendall(one + letter(subject="a") + b".\r\n" + one + b".\r\nQUIT\r\n")
        codes = [talk.answer()[:3] for _ in range(9)]
        assert codes == ["250", "250", "354", "250", "250", "250", "354", "250", "221"]
    # The second is an empty letter.
    assert sorted(len(bytes(one.raw.content)) for one in came().all()) == [0, len(letter(subject="a"))]


def test_a_letter_that_breaks_off_is_no_letter_and_comes_again(smtp: Receiver) -> None:
    with smtp.talk() as talk:
        talk.greet()
        talk.socket.sendall(letter()[:-10])
    with smtp.talk() as talk:
        talk.greet()
        talk.socket.sendall(letter())
        talk.socket.shutdown(socket.SHUT_WR)  # all but the line with the dot
        assert talk.answer() == ""
    assert not came().exists()
    assert smtp.send(letter()) == {}
    assert smtp.send(letter()) == {}, "its sender did not hear our 250"
    assert came().count() == 1


def test_too_large_a_letter_is_refused_for_good_so_that_its_sender_knows(smtp: Receiver, settings: Settings) -> None:
    fits = letter(text="x" * 2000)
    settings.LARGEST_LETTER = len(fits)
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:  # by SIZE, before a byte of it is sent
        smtp.send(fits + b"x")
    assert refused.value.smtp_code == 552
    with smtp.talk() as talk:
        talk.greet()
        assert talk.say(fits + b"x\r\n.") == listener.TOO_LARGE
        talk.greet()
        assert talk.say(fits + b".") == listener.TAKEN
    assert raw() == fits
    assert smtp.listener.bytes_held == 0


def test_whoever_sends_without_end_is_cut_off(smtp: Receiver, settings: Settings) -> None:
    settings.LARGEST_LETTER = 100_000
    with smtp.talk() as talk:
        talk.greet()
        try:
            for _ in range(1000):
                talk.socket.sendall(b"x" * 10_000)
        except OSError:
            pass
        else:
            pytest.fail("10 MB were taken")
    wait_until(lambda: not smtp.listener.bytes_held, "it is still held")


def test_letters_that_come_at_once_share_a_bounded_memory(smtp: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "MOST_BYTES", 3 * listener.BYTES_WITHIN_SILENCE)
    with smtp.talk() as large, smtp.talk() as late:
        large.greet()
        large.socket.sendall(b"x" * 2 * listener.BYTES_WITHIN_SILENCE + b"\r\n")
        wait_until(lambda: smtp.listener.bytes_held > listener.BYTES_WITHIN_SILENCE, "nothing is held")
        late.greet()
        assert late.say(b"y" * 2 * listener.BYTES_WITHIN_SILENCE + b"\r\n.") == listener.NO_ROOM
        assert large.say(".") == listener.TAKEN
        late.greet()
        assert late.say(letter() + b".") == listener.TAKEN


@pytest.mark.parametrize(
    "recipient", ["jana@example.cz", "podpora@example.cz", "podpora", "postmaster", "podpora@crs.example.cz", ""]
)
def test_it_relays_nothing_and_knows_the_desks_alone(smtp: Receiver, recipient: str) -> None:
    with smtp.talk() as talk:
        talk.say("EHLO test")
        talk.say(f"MAIL FROM:<{SENDER}>")
        assert talk.say(f"RCPT TO:<{recipient}>")[:3] == ("550")
        assert talk.say("DATA").startswith("503")


def test_of_two_recipients_the_unknown_one_is_refused(smtp: Receiver) -> None:
    refused = smtp.send(letter(), SITES, "nikdo@crs.example")
    assert list(refused) == ["nikdo@crs.example"]
    assert came().count() == 1


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("<>", "<>"),
        ("<jana..novakova.@docomo.example>", "jana..novakova.@docomo.example"),
        ('<"jana novakova"@example.cz>', '"jana novakova"@example.cz'),
        ("<@relay.example,@other.example:jana@example.cz>", "jana@example.cz"),
        ("jana@example.cz", "jana@example.cz"),
        ("<žofie@příklad.cz> SMTPUTF8 BODY=8BITMIME", "žofie@příklad.cz"),
        (f"<{'x' * 250}@example.cz> SIZE=100", f"{'x' * 250}@example.cz"),
        (b"<\xe9va@example.cz>", "\ufffdva@example.cz"),
    ],
)
def test_senders_are_taken_as_people_have_them(smtp: Receiver, path: str | bytes, kept: str) -> None:
    with smtp.talk() as talk:
        talk.say("EHLO test")
        assert talk.say(b"MAIL FROM:" + (path if isinstance(path, bytes) else path.encode())).startswith("250")
        assert talk.say(f"RCPT TO:<{SITES}>").startswith("250")
        talk.say("DATA")
        assert talk.say(letter() + b".") == listener.TAKEN
    assert came().get().envelope_sender == kept


@pytest.mark.parametrize(
    "path", ["<jana@example.cz", "<ja\x00na@example.cz>", "<ja\rna@example.cz>", "<a b@example.cz>"]
)
def test_what_is_no_address_is_refused(smtp: Receiver, path: str) -> None:
    with smtp.talk() as talk:
        talk.say("EHLO test")
        assert talk.say(f"MAIL FROM:{path}").startswith("553")


def test_tokens_are_matched_in_any_case(smtp: Receiver) -> None:
    assert smtp.send(letter(), "PODPORA+AbC-1@Crs.Example") == {}
    assert came().get().envelope_recipient == "PODPORA+AbC-1@Crs.Example"


def test_it_tells_nobody_whom_it_knows_and_offers_no_log_in(smtp: Receiver) -> None:
    with smtp.talk() as talk:
        assert talk.say(f"VRFY {SITES}") == talk.say("VRFY nikdo@crs.example")
        assert talk.say("EXPN podpora").startswith("502")
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.ehlo()
        assert set(client.esmtp_features) == {"size", "8bitmime", "smtputf8", "pipelining", "help"}


def test_a_silent_client_is_closed_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "SECONDS_OF_SILENCE", 1.5)
    with Receiver() as receiver, receiver.talk() as silent, receiver.talk() as slow:
        slow.greet()
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            slow.socket.sendall(b"x")  # a byte now and then is no sign of life
            time.sleep(0.05)
        assert receiver.send(letter()) == {}
        assert silent.answer() == ""
        assert slow.answer() == ""
        assert time.monotonic() - began < 5


def test_when_there_are_too_many_clients_the_one_silent_for_longest_makes_room(
    smtp: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MOST_CONNECTIONS", 2)
    with smtp.talk() as silent, smtp.talk() as busy:
        busy.say("EHLO test")
        assert smtp.send(letter()) == {}
        assert silent.answer().startswith("421")
        assert busy.say("NOOP").startswith("250")


def test_a_conversation_has_so_many_commands_and_a_letter_so_many_recipients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "MOST_COMMANDS", 3)
    monkeypatch.setattr(listener, "MOST_RECIPIENTS", 2)
    with Receiver() as receiver, receiver.talk() as talk:
        talk.say("EHLO test")
        talk.say(f"MAIL FROM:<{SENDER}>")
        answers = [talk.say(f"RCPT TO:<podpora+{number}@crs.example>")[:3] for number in range(4)]
        assert answers == ["250", "250", "452", "421"]
        assert talk.answer() == ""


def test_while_the_database_refuses_the_letter_is_to_be_sent_again(smtp: Receiver) -> None:
    name = str(connection.settings_dict["NAME"])
    connection.close_pool()  # type: ignore[attr-defined]  # those of the pool would not know the limit
    with database.connect(name) as other:
        other.execute(f'ALTER DATABASE "{name}" SET lock_timeout = 200')
        try:
            with other.transaction():
                other.execute("LOCK TABLE support_letter IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(smtplib.SMTPDataError) as refused:
                    smtp.send(letter())
                assert refused.value.smtp_code == 451
            assert smtp.send(letter()) == {}
        finally:
            other.execute(f'ALTER DATABASE "{name}" RESET lock_timeout')
            connection.close_pool()  # type: ignore[attr-defined]
    assert came().get().state == Letter.State.FILED


def test_at_the_end_a_letter_in_work_is_finished_and_all_others_are_told(smtp: Receiver) -> None:
    name = str(connection.settings_dict["NAME"])
    with smtp.talk() as idle, smtp.talk() as half, smtp.talk() as whole, ThreadPoolExecutor(2) as threads:
        half.greet()
        half.socket.sendall(b"Subject: half\r\n")
        whole.greet()
        with database.connect(name) as other, other.transaction():
            other.execute("LOCK TABLE support_letter IN ACCESS EXCLUSIVE MODE")
            answer = threads.submit(whole.say, letter() + b".")
            wait_until(lambda: any(one.is_filing for one in smtp.listener._connections), "nothing is filed", pause=0.01)
            stopped = threads.submit(smtp.stop)
            assert idle.answer().startswith("421")
            assert half.answer().startswith("421")
            assert not stopped.done()
        assert answer.result(20) == listener.TAKEN
        assert whole.answer().startswith("421")
        stopped.result(20)
    assert raw() == letter()
    with pytest.raises(ConnectionRefusedError):
        smtp.talk()


@pytest.mark.parametrize(
    "url", ["", "lmtp://127.0.0.1", "http://127.0.0.1:25", "lmtp://:24", "smtp://localhost:99999", "lmtp://h:24/INBOX"]
)
def test_what_is_no_address_to_listen_on_is_said(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        listener.address_of(url)


def test_an_address_to_listen_on_may_be_of_either_kind() -> None:
    assert listener.address_of("lmtp://[::1]:0") == (listener.LmtpConnection, "::1", 0)
    assert listener.address_of("smtp://127.0.0.1:2525") == (listener.Connection, "127.0.0.1", 2525)
