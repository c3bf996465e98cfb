"""How a delivery fared, in words for the desk."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certificates.delivery.password_keeping import is_printable
from certificates.models import Delivery
from crs.messaging.models import Message
from crs.typed_moment import written

State, Way = Message.State, Delivery.PasswordWay
_WORDS = {
    State.PREPARING: gettext_lazy("the PDF is being made"),
    State.QUEUED: gettext_lazy("waits to be sent"),
    State.SENDING: gettext_lazy("is being sent"),
    State.SENT: gettext_lazy("was sent"),
    State.DELIVERED: gettext_lazy("was delivered"),
    State.FAILED: gettext_lazy("could not be sent"),
    State.CANCELLED: gettext_lazy("was not sent"),
}
_CANCELLED = {
    Message.Cancellation.NEWER: gettext_lazy("was not sent, for something newer took its place"),
    Message.Cancellation.VOID: gettext_lazy("was not sent, for the certificate is not valid any more"),
}


@dataclass(frozen=True)
class Line:
    """One part of a delivery and its state; `is_alarm` calls for somebody."""

    what: str
    text: str
    is_alarm: bool = False


def status(delivery: Delivery, *, now: datetime) -> list[Line]:
    """The e-mail, and the password or the SMS."""
    if not delivery.email and not delivery.phone:
        text = _("Nothing was sent: there is neither an e-mail address nor a mobile telephone.")
        return [Line(_("Delivery"), text, is_alarm=True)]
    return [_email(delivery, now), *_other(delivery, now)]


def _email(delivery: Delivery, now: datetime) -> Line:
    if not delivery.email:
        return Line(_("E-mail"), _("none, the person has no e-mail address"))
    return _of_message(_("E-mail"), delivery.email_message, now)


def _other(delivery: Delivery, now: datetime) -> list[Line]:
    if delivery.password_way == Way.NONE:
        return [_of_message(_("SMS that says where the certificate can be had"), delivery.sms_message, now)]
    if delivery.password_way == Way.SMS:
        return [_of_message(_("SMS with the password"), delivery.sms_message, now)]
    return [_on_paper(delivery, now)]


def _on_paper(delivery: Delivery, now: datetime) -> Line:
    what = _("Password on paper")
    if delivery.password_printed_at is not None:
        return Line(what, _("was printed on %(when)s") % {"when": written(delivery.password_printed_at)})
    if is_printable(delivery, now=now):
        return Line(what, _("is to be printed and handed over"), is_alarm=True)
    return Line(what, _("is not kept any more: send the certificate again"), is_alarm=True)


def _of_message(what: str, message: Message | None, now: datetime) -> Line:
    if message is None:
        return Line(what, _("is not kept any more"))
    state = State(message.state)
    text = str(_WORDS[state])
    if state == State.QUEUED and message.due_at > now and not message.attempts:
        text = _("will be sent on %(when)s") % {"when": written(message.due_at)}
    elif message.sent_at and state in (State.SENT, State.DELIVERED):
        text = f"{text} {written(message.sent_at)}"
    elif state == State.FAILED:
        text = _("could not be sent: check it with the person and send the certificate again")
    elif state == State.CANCELLED and message.cancellation:
        return Line(what, str(_CANCELLED[Message.Cancellation(message.cancellation)]))
    # One that was cancelled for no known reason has nothing in its place.
    return Line(what, text, is_alarm=state in (State.FAILED, State.CANCELLED))
