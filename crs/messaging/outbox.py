"""The way into the outbox: write a message with what it is about, and forget it.

The row is written in the caller's transaction, so that it exists exactly if what it tells of has
happened; the delivery starts after the commit (docs/adr/0003-outbox.md).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template import Context
from django.template.engine import Engine
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crs.messaging import cancelling, sms_text, wakeup
from crs.messaging.delivery import PIN_USE
from crs.messaging.errors import CannotSendAgain
from crs.messaging.headers import checked
from crs.messaging.models import Attachment, Message


@dataclass(frozen=True)
class File:
    """A file that goes with an e-mail."""

    name: str
    content_type: str
    content: bytes


# What a message says once it has gone out is kept for a while; these are the states in which it may be erased.
DONE = (Message.State.SENT, Message.State.DELIVERED, Message.State.POSTED, Message.State.FAILED)
# The templates that may hold the text, by channel; the first one that exists does.
_KINDS = {
    Message.Channel.SMS: ["sms"],
    Message.Channel.EMAIL: ["email"],
    Message.Channel.LETTER: ["letter", "email"],
}

Maker = Callable[[str, str], list[File]]

_makers: dict[str, Maker] = {}
_when_stored: dict[str, Callable[[str], None]] = {}


def register_attachments(template: str, maker: Maker, *, when_stored: Callable[[str], None] | None = None) -> None:
    """Let `maker(reference, language)` make the files of every e-mail of `template`.

    Called from the `ready()` of the app that knows how; the files are made in a task after the commit. A maker
    raises `NotWanted` where the e-mail must not go out any more. `when_stored(reference)` is called in the
    transaction that stores the files: what was kept for making them is not needed any more.
    """
    _makers[template] = maker
    if when_stored is not None:
        _when_stored[template] = when_stored


def tell_stored(message: Message) -> None:
    """Called by the preparation in the transaction that stores the files."""
    if when_stored := _when_stored.get(message.template):
        when_stored(message.reference)


def attachment_maker(template: str) -> Maker | None:
    """The function that makes the files of `template`, if there is one."""
    return _makers.get(template)


def queue(
    *,
    channel: Message.Channel,
    recipient: str,
    template: str,
    language: str,
    context: Mapping[str, object],
    lane: Message.Lane = Message.Lane.PERSONAL,
    is_secret: bool = False,
    reference: str = "",
    due_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    owner: str = "",
    whom: str = "",
) -> Message:
    """Write a message to the outbox; it goes out after the caller's transaction, or never if that fails.

    `template` "registration/pin" names `templates/registration/messages/pin.sms.txt`, for an e-mail
    `pin.subject.txt` and `pin.email.txt`, for a letter `pin.letter.txt` or else the text of the e-mail; besides
    `context` they know `public_url` and its `host`. `recipient` of a letter is the lines of its envelope, `owner` the
    registration number, `whom` the person whom an SMS or an e-mail is about, by the name with which it begins. The text
    is made now, in `language`. With `due_at` it goes out no earlier. `headers` of an e-mail are those that
    `crs.messaging.headers` allows. Raises TemplateDoesNotExist, ValueError (headers).
    """
    message = compose(
        channel=channel,
        recipient=recipient,
        template=template,
        language=language,
        context=context,
        lane=lane,
        is_secret=is_secret,
        reference=reference,
        due_at=due_at,
        headers=headers,
        owner=owner,
        whom=whom,
    )
    message.save(force_insert=True)
    _start([message])
    return message


def queue_all(messages: Iterable[Message]) -> list[Message]:
    """Write many messages that `compose` made to the outbox, in as few statements as can be."""
    queued = Message.objects.bulk_create(messages)
    _start(queued)
    return queued


def compose(
    *,
    channel: Message.Channel,
    recipient: str,
    template: str,
    language: str,
    context: Mapping[str, object],
    lane: Message.Lane = Message.Lane.PERSONAL,
    is_secret: bool = False,
    reference: str = "",
    due_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
    owner: str = "",
    whom: str = "",
) -> Message:
    """The message that `queue` would write, not yet written; for `queue_all`."""
    is_email, is_letter = channel == Message.Channel.EMAIL, channel == Message.Channel.LETTER
    is_sms = channel == Message.Channel.SMS
    with translation.override(spoken(language)):
        subject = "" if is_sms else _rendered(template, ["subject"], context)
        text = _rendered(template, _KINDS[channel], context)
        if whom and is_sms:
            text = f"{whom}: {text}"
        elif whom:
            subject = f"{whom}: {subject}"
            text = "\n\n".join([_("For: %(whom)s") % {"whom": whom}, text])
    is_prepared = not (is_email and template in _makers)
    return Message(
        channel=channel,
        lane=lane,
        recipient="" if is_letter else str(recipient),
        address=str(recipient) if is_letter else None,
        owner=owner if is_letter else "",
        template=template,
        language=spoken(language),
        # A line end in a subject would start another header.
        subject=" ".join(subject.split())[:200],
        text=sms_text.sendable(text, language=spoken(language)) if is_sms else text,
        is_secret=is_secret,
        reference=reference,
        state=Message.State.QUEUED if is_prepared else Message.State.PREPARING,
        due_at=due_at or timezone.now(),
        headers=checked(headers or {}),
    )


def spoken(language: str) -> str:
    """The language of a message to somebody who wants `language`: the default one where we do not speak that."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def retry(*, message_id: int, due_at: datetime | None = None) -> None:
    """Send a failed message again, all tries anew, no earlier than `due_at`; for staff. Raises CannotSendAgain."""
    now = timezone.now()
    failed = Message.objects.filter(pk=message_id, state=Message.State.FAILED, text__isnull=False, cancellation="")
    # A PIN that ran out would only bewilder; its owner asks for another one.
    failed = failed.exclude(lane=Message.Lane.PIN, created_at__lte=now - PIN_USE)
    with transaction.atomic():
        # Locked, so that two clicks do not queue it while it is already on its way.
        message = failed.select_for_update(no_key=True).first()
        if message is None:
            raise CannotSendAgain
        needs_files = message.template in _makers and message.channel == Message.Channel.EMAIL
        is_prepared = not needs_files or message.attachments.exists()
        message.state = Message.State.QUEUED if is_prepared else Message.State.PREPARING
        message.attempts, message.due_at, message.claimed_at = 0, due_at or now, None
        message.letter_batch = None
        message.save(update_fields=["state", "attempts", "due_at", "claimed_at", "letter_batch"])
        _start([message])


def cancel(message_ids: Collection[int], *, why: Message.Cancellation) -> int:
    """Let messages that still wait, or failed, never go out, in the caller's transaction; returns how many.

    Their texts and files are erased. What a worker is sending or has sent, and a letter that was printed, is marked:
    it is never sent another time.
    """
    wanted = Message.objects.filter(pk__in=message_ids)
    on_the_way = (Message.State.SENDING, Message.State.SENT, Message.State.PRINTED, Message.State.POSTED)
    open_states = (Message.State.PREPARING, Message.State.QUEUED, Message.State.FAILED)
    # By rising key, as everybody who wants more than one of them.
    locked = wanted.filter(state__in=(*open_states, *on_the_way)).select_for_update(no_key=True).order_by("pk")
    states = dict(locked.values_list("pk", "state"))
    Message.objects.filter(pk__in=[pk for pk, state in states.items() if state in on_the_way]).update(cancellation=why)
    return cancelling.end([pk for pk, state in states.items() if state in open_states], cancellation=why)


def erase_texts(message_ids: Iterable[int]) -> int:
    """Erase what messages said that nobody is to read any more, in the caller's transaction; returns how many.

    What is still to be sent keeps its text.
    """
    is_kept = Q(text__isnull=False) | Q(address__isnull=False)
    messages = Message.objects.filter(is_kept, pk__in=list(message_ids), state__in=DONE)
    # By rising key, as everybody who wants more than one of them.
    keys = list(messages.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    Attachment.objects.filter(message__in=keys).delete()
    return Message.objects.filter(pk__in=keys).update(text=None, address=None, subject="", headers={})


def _start(messages: Iterable[Message]) -> None:
    """Set the work on `messages` going after the commit, each kind of it once."""
    preparing = Message.State.PREPARING
    works = {wakeup.PREPARATION if one.state == preparing else one.channel for one in messages}
    # A letter waits for somebody who prints it.
    for work in sorted(works & wakeup.TASKS.keys()):
        transaction.on_commit(partial(wakeup.wake, work))


def _rendered(template: str, kinds: Iterable[str], context: Mapping[str, object]) -> str:
    app, _, name = template.partition("/")
    source = Engine.get_default().select_template([f"{app}/messages/{name}.{kind}.txt" for kind in kinds])
    # Plain text: escaping would turn O'Brien into O&#x27;Brien.
    always = {"public_url": settings.PUBLIC_URL, "host": urlsplit(settings.PUBLIC_URL).hostname}
    return source.render(Context({**always, **context}, autoescape=False)).strip()
