"""The messaging app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """SMS and e-mail."""

    name = "crs.messaging"
    label = "messaging"
    verbose_name = _("Messages")
