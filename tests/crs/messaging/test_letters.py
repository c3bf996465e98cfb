"""Letters: gathered once, printed once, posted once; what is paper is not taken back."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from crs.messaging import delay, letters, outbox, sweep
from crs.messaging.errors import (
    BatchAlreadyPosted,
    BatchAlreadyPrinted,
    BatchChanged,
    BatchEmpty,
    BatchNotPrinted,
    CannotSendAgain,
    LetterNotPosted,
)
from crs.messaging.models import LetterBatch, Message
from crs.sent_forms import Sending
from tests.crs.messaging.post import again, write_letter
from tests.race import race

pytestmark = pytest.mark.django_db
State, VOID = Message.State, Message.Cancellation.VOID


@pytest.fixture
def clerk() -> User:
    """Who prints and posts."""
    return User.objects.create_user("hana", first_name="Hana", last_name="Malá")


def gathered(*messages: Message) -> LetterBatch:
    """The batch of these letters."""
    [batch] = letters.gather(now=timezone.now())
    assert set(batch.letters.values_list("pk", flat=True)) == {message.pk for message in messages}
    return batch


def take(batch: LetterBatch, by: User, **how: object) -> list[int]:
    """Take the file; the numbers of its letters."""
    laid_out = letters.to_print(batch.pk)
    letters.take_file(batch_id=batch.pk, laid_out=laid_out, by=by, now=timezone.now(), **how)  # type: ignore[arg-type]
    return [one.pk for one in laid_out]


def post(batch: LetterBatch, by: User) -> int:
    """Say that the batch was posted."""
    return letters.post(batch_id=batch.pk, by=by, now=timezone.now())


def test_a_letter_keeps_its_address_encrypted_and_takes_the_text_of_the_email_where_it_has_none() -> None:
    message = again(write_letter())
    assert (message.recipient, message.subject) == ("", "Dopis pro Marie")
    assert message.address == "Marie Nováková\nDlouhá 1\n602 00 Brno"
    assert str(message.text).startswith("PIN2: 1234 5678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, text FROM messaging_message WHERE id = %s", [message.pk])
        address, text = cursor.fetchone()
    assert "Nov" not in address
    assert "1234" not in text
    assert str(again(write_letter(template="probe/letter")).text).startswith("Dobrý den, Marie")


def test_a_letter_is_gathered_printed_and_posted_and_then_its_secret_is_gone(clerk: User) -> None:
    first, second = write_letter(), write_letter(is_secret=False)
    later = write_letter(due_at=timezone.now() + timedelta(days=1))
    batch = gathered(first, second)
    assert letters.gather(now=timezone.now()) == []
    assert again(later).letter_batch is None
    assert list(letters.batches_to_do()) == [batch]
    assert take(batch, clerk) == [first.pk, second.pk]
    assert {again(one).state for one in (first, second)} == {State.PRINTED}
    assert post(batch, clerk) == 2
    assert (again(first).state, again(first).text, again(second).text is None) == (State.POSTED, None, False)
    assert again(first).sent_at is not None
    assert not letters.batches_to_do()


def test_a_batch_has_so_many_letters_and_the_next_one_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "LETTERS_IN_A_BATCH", 2)
    for _letter in range(3):
        write_letter()
    assert [batch.letters.count() for batch in letters.gather(now=timezone.now())] == [2, 1]


def test_a_spoilt_print_is_made_again_by_hand_until_the_batch_is_posted(clerk: User) -> None:
    batch = gathered(letter := write_letter())
    with pytest.raises(BatchNotPrinted):
        post(batch, clerk)
    take(batch, clerk)
    with pytest.raises(BatchAlreadyPrinted, match="Hana Malá"):
        take(batch, clerk)
    assert take(batch, clerk, again=True) == [letter.pk]
    assert LetterBatch.objects.get().prints == 2
    post(batch, clerk)
    for act in (partial(take, again=True), post):
        with pytest.raises(BatchAlreadyPosted):
            act(batch, clerk)


def test_a_double_click_gets_the_file_and_counts_as_one_print(clerk: User) -> None:
    batch = gathered(letter := write_letter())
    form = Sending(uuid4(), "x")
    assert take(batch, clerk, form=form) == take(batch, clerk, form=form) == [letter.pk]
    assert LetterBatch.objects.get().prints == 1


def test_a_letter_is_cancelled_until_it_is_printed_and_not_later(clerk: User) -> None:
    early, late = write_letter(), write_letter()
    batch = gathered(early, late)
    assert outbox.cancel([early.pk], why=VOID) == 1
    assert (again(early).state, again(early).text, again(early).address) == (State.CANCELLED, None, None)
    assert take(batch, clerk) == [late.pk]
    assert outbox.cancel([late.pk], why=VOID) == 0
    assert (again(late).state, again(late).cancellation) == (State.PRINTED, VOID)
    assert again(late).text


def test_a_printed_letter_that_was_cancelled_is_named_and_not_printed_again(clerk: User) -> None:
    void, other = write_letter(), write_letter()
    batch = gathered(void, other)
    take(batch, clerk)
    outbox.cancel([void.pk], why=VOID)
    assert letters.printed_in_vain(batch.pk) == [void.pk]
    assert take(batch, clerk, again=True) == [other.pk]


def test_a_file_with_an_old_address_or_a_cancelled_letter_does_not_count_as_printed(clerk: User) -> None:
    moved, void = write_letter(owner="100000014"), write_letter()
    batch = gathered(moved, void)
    for change in (
        partial(letters.readdress, owner="100000014", address="Marie Nováková\nNová 5\n602 00 Brno"),
        partial(outbox.cancel, [void.pk], why=VOID),
    ):
        laid_out = letters.to_print(batch.pk)
        change()
        with pytest.raises(BatchChanged):
            letters.take_file(batch_id=batch.pk, laid_out=laid_out, by=clerk, now=timezone.now())
    assert again(moved).state == State.QUEUED
    assert "Nová 5" in again(moved).address
    assert take(batch, clerk) == [moved.pk]
    assert letters.readdress(owner="100000014", address="Jinam") == 0


def test_a_batch_whose_letters_were_all_cancelled_says_so(clerk: User) -> None:
    batch = gathered(letter := write_letter())
    outbox.cancel([letter.pk], why=VOID)
    with pytest.raises(BatchEmpty):
        take(batch, clerk)
    assert not letters.batches_to_do()


def test_a_letter_that_came_back_has_failed_and_goes_out_again_where_its_text_is_kept(clerk: User) -> None:
    secret, plain = write_letter(), write_letter(is_secret=False)
    batch = gathered(secret, plain)
    take(batch, clerk)
    with pytest.raises(LetterNotPosted):
        letters.mark_returned(number=plain.pk, by=clerk)
    post(batch, clerk)
    for letter in (secret, plain):
        assert letters.mark_returned(number=letter.pk, by=clerk).state == State.FAILED
        with pytest.raises(LetterNotPosted):
            letters.mark_returned(number=letter.pk, by=clerk)
    assert list(letters.returned()) == [plain, secret]
    assert again(plain).returned_by == clerk
    outbox.retry(message_id=plain.pk)
    assert list(letters.waiting(timezone.now())) == [plain]
    with pytest.raises(CannotSendAgain):
        outbox.retry(message_id=secret.pk)


def test_letters_wake_no_worker_and_count_in_no_delay() -> None:
    message = write_letter()
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(days=2))
    sweep.pick_up(now=timezone.now())
    assert again(message).state == State.QUEUED
    assert delay.current_sms_delay(timezone.now()) is None
    assert delay.current_email_delay(timezone.now()) is None


def test_text_and_address_are_forgotten_after_ninety_days_but_not_of_a_letter_that_is_to_be_posted(clerk: User) -> None:
    batch = gathered(letter := write_letter())
    take(batch, clerk)
    Message.objects.filter(pk=letter.pk).update(created_at=timezone.now() - timedelta(days=91))
    assert sweep.erase_old_texts(now=timezone.now()) == 0
    post(batch, clerk)
    assert again(letter).address
    assert sweep.erase_old_texts(now=timezone.now()) == 1
    assert (again(letter).text, again(letter).address, again(letter).subject) == (None, None, "")


@pytest.mark.django_db(transaction=True)
def test_two_who_gather_at_once_put_no_letter_into_two_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "LETTERS_IN_A_BATCH", 3)
    for _letter in range(12):
        write_letter()
    made = race(*[partial(letters.gather, now=timezone.now())] * 4)
    assert sum(len(batches) for batches in made) == LetterBatch.objects.count()
    counts = [batch.letters.count() for batch in LetterBatch.objects.all()]
    assert (sum(counts), 0 in counts) == (12, False)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_print_a_batch_at_once_one_gets_the_file(clerk: User) -> None:
    batch = gathered(write_letter())
    outcomes = race(*[partial(take, batch, clerk)] * 4)
    assert sorted(type(one).__name__ for one in outcomes) == ["BatchAlreadyPrinted"] * 3 + ["list"]


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_batchs_lock_two_get_the_file(clerk: User) -> None:
    batch = gathered(write_letter())
    seen = LetterBatch.objects.get(pk=batch.pk)  # read without a lock, as both would

    def take_unlocked() -> str:
        if seen.printed_at is not None:
            raise BatchAlreadyPrinted(seen)
        LetterBatch.objects.filter(pk=seen.pk).update(printed_at=timezone.now(), printed_by=clerk, prints=1)
        return "file"

    assert race(*[take_unlocked] * 2) == ["file", "file"]


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_is_cancelled_while_its_batch_is_printed_is_either_paper_or_gone(clerk: User) -> None:
    cancel = transaction.atomic(outbox.cancel)
    for _round in range(5):
        batch = gathered(letter := write_letter())
        taken, ended = race(partial(take, batch, clerk), partial(cancel, [letter.pk], why=VOID))
        if ended:
            assert isinstance(taken, BatchEmpty)
            assert again(letter).state == State.CANCELLED
        else:
            assert taken == [letter.pk]
            assert again(letter).state == State.PRINTED
