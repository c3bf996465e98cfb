"""Reports of carriers on messages they took; they may come before the carrier's own answer, twice, in any order."""

from datetime import datetime, timedelta

from django.db import transaction

from crs.advisory_locks import Lock, take
from crs.messaging.models import Message, ProviderReport

REPORTS_KEPT = timedelta(days=3)

# The state that a report brings: from which states of the message. Delivered is final; a carrier that first gave
# the message up and then got it to the telephone is right the second time.
_FROM = {
    Message.State.DELIVERED: (Message.State.SENT, Message.State.FAILED),
    Message.State.FAILED: (Message.State.SENT,),
}


def record(*, provider_id: str, state: Message.State, error: str = "", now: datetime) -> None:
    """Take down that the carrier delivered the message with this identifier, or could not (DELIVERED, FAILED).

    A report about an identifier that no message has yet waits for it. No state ever goes back.
    """
    with transaction.atomic():
        # Without the lock, report and answer could each look before the other commits, and the report would never be
        # applied.
        take(Lock.MESSAGE_OF_A_CARRIER, provider_id)
        if not provider_id or _apply(provider_id, state, error):
            return
        # The message is known, so this report came late or twice.
        if Message.objects.filter(provider_id=provider_id).exists():
            return
        waiting = ProviderReport.objects.filter(provider_id=provider_id)
        if waiting.filter(state=Message.State.DELIVERED).exists():
            return
        waiting.update_or_create(provider_id=provider_id, defaults={"state": state, "error": error, "received_at": now})


def meet_early_report(*, provider_id: str) -> None:
    """Apply the report that came before the identifier was known, if one did.

    Called in the transaction that writes the identifier, after `expect`.
    """
    report = ProviderReport.objects.filter(provider_id=provider_id).first()
    if report is not None:
        _apply(provider_id, Message.State(report.state), report.error)
        report.delete()


def expect(*, provider_id: str) -> None:
    """Hold back reports about `provider_id` until the end of the transaction, which is going to write it."""
    take(Lock.MESSAGE_OF_A_CARRIER, provider_id)


def forget_old_reports(*, now: datetime) -> int:
    """Delete reports that found no message in three days; returns how many."""
    return ProviderReport.objects.filter(received_at__lt=now - REPORTS_KEPT).delete()[0]


def _apply(provider_id: str, state: Message.State, error: str) -> bool:
    # The WHERE clause keeps reports that arrive late or twice from turning the state back.
    reported = Message.objects.filter(provider_id=provider_id, state__in=_FROM[state])
    return bool(reported.update(state=state, error=error))
