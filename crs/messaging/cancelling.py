"""The end of a message that is not to go out any more: its text and its files are erased."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from crs.messaging.models import Attachment, Message


@transaction.atomic
def end_marked(messages: QuerySet[Message]) -> int:
    """End those of the messages that were cancelled while a worker was sending them; returns how many."""
    marked = messages.exclude(cancellation="").select_for_update(no_key=True).order_by("pk")
    return end(list(marked.values_list("pk", flat=True)))


def end(keys: Collection[int], **also: object) -> int:
    """End these messages, which the caller has locked; returns how many."""
    if not keys:
        return 0
    Attachment.objects.filter(message__in=keys).delete()
    ended = {"state": Message.State.CANCELLED, "claimed_at": None, **also}
    return Message.objects.filter(pk__in=keys).update(text=None, address=None, subject="", headers={}, **ended)
