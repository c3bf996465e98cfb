"""The outbox for staff: what was sent, what failed and why; no secret text, no whole recipient."""

import phonenumbers
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs.admin.search import PrivateSearchAdmin
from crs.messaging import outbox
from crs.messaging.errors import CannotSendAgain
from crs.messaging.models import Message


def masked(recipient: str) -> str:
    """Enough of a number or an address to recognise it, not enough to copy it."""
    name, at, domain = recipient.partition("@")
    return f"{name[:1]}…@{domain}" if at else f"…{recipient[-3:]}"


def as_stored(recipient: str) -> str:
    """A telephone number as people type it in the form in which it is stored; anything else untouched."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(recipient, "CZ"), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return recipient.strip()


@admin.register(Message)
class MessageAdmin(PrivateSearchAdmin):
    """Read-only; a failed message can be sent again by those who may change messages."""

    list_display = (
        "id",
        "shown_state",
        "channel",
        "lane",
        "template",
        "to",
        "attempts",
        "created_at",
        "sent_at",
        "error",
    )
    list_filter = ("state", "channel", "lane", "template", "created_at")
    search_help_text = _("A whole telephone number or e-mail address.")
    show_full_result_count = False
    list_per_page = 50
    fields = (
        "shown_state",
        "channel",
        "lane",
        "to",
        "template",
        "language",
        "subject",
        "shown_text",
        "attempts",
        "created_at",
        "due_at",
        "claimed_at",
        "sent_at",
        "provider_id",
        "cancellation",
        "error",
    )
    actions = ("send_again",)

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may send failed messages again."""
        return request.user.has_perm("messaging.change_message")

    def search_question(self, text: str) -> Q:
        """The exact recipient, the number typed in any way; the index answers it."""
        return Q(recipient=as_stored(text))

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, message: Message) -> str:
        """The state, loud where it calls for somebody."""
        if message.state == Message.State.FAILED:
            return format_html('<strong class="errornote">{}</strong>', message.get_state_display())
        return message.get_state_display()

    @admin.display(description=_("recipient"))
    def to(self, message: Message) -> str:
        """The masked recipient; of a letter the last line of the envelope, the town."""
        return masked(message.recipient) if message.recipient else (message.address or "").rpartition("\n")[2]

    @admin.display(description=_("text"))
    def shown_text(self, message: Message) -> str:
        """The text, unless it holds a PIN or a password."""
        if message.is_secret:
            return str(_("A secret text is not shown."))
        return message.text or str(_("The text has been erased."))

    @admin.action(description=_("Send failed messages again"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Queue the chosen failed messages anew."""
        sent, refused = 0, 0
        for message_id in queryset.values_list("pk", flat=True):
            try:
                outbox.retry(message_id=message_id)
                sent += 1
            except CannotSendAgain:
                refused += 1
        if sent:
            done = ngettext("%(count)d message is queued again.", "%(count)d messages are queued again.", sent)
            self.message_user(request, done % {"count": sent})
        if refused:
            text = ngettext(
                "%(count)d message cannot be sent again: not failed, its text gone, or its PIN out of date.",
                "%(count)d messages cannot be sent again: not failed, the text gone, or the PIN out of date.",
                refused,
            )
            self.message_user(request, text % {"count": refused}, level=messages.WARNING)
