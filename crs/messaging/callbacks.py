"""What carriers tell us later about a message they took."""

from django.db.models import QuerySet

from crs.messaging.models import Message


def record_delivered(*, provider_id: str) -> bool:
    """The telephone has it. Returns whether that was news: only a sent message gets delivered."""
    return bool(_sent(provider_id).update(state=Message.State.DELIVERED, error=""))


def record_undelivered(*, provider_id: str, error: str) -> bool:
    """The telephone will not get it. Returns whether that was news; a delivered one stays delivered."""
    return bool(_sent(provider_id).update(state=Message.State.FAILED, error=error))


def _sent(provider_id: str) -> QuerySet[Message]:
    # The WHERE clause keeps reports that arrive late or twice from turning the state back.
    return Message.objects.filter(provider_id=provider_id, state=Message.State.SENT).exclude(provider_id="")
