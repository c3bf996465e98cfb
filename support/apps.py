"""The support app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    """Support."""

    name = "support"
    verbose_name = _("Help desks")

    def ready(self) -> None:
        """Tell the staff's rooms what staff do here, and Celery the tasks."""
        # A task is known once it is imported, and so is a check; Celery looks for tasks at the top of a room alone.
        from crs import banners
        from crs.messaging.outbox import register_attachments
        from logistics.staff import permissions, start_page
        from support.desk import lists
        from support.following import doors
        from support.incidents import banner
        from support.incidents import tasks as _incident_tasks  # noqa: F401
        from support.mail_in import checks as _mail_in_checks  # noqa: F401
        from support.mail_in import tasks as _mail_in_tasks  # noqa: F401
        from support.mail_out import enclosures, sending
        from support.mail_out import tasks as _mail_out_tasks  # noqa: F401
        from support.permissions import TABLE, SupportAct
        from support.retention import tasks as _retention_tasks  # noqa: F401
        from support.tickets import tasks as _ticket_tasks  # noqa: F401

        permissions.register(TABLE)
        register_attachments(sending.WITH_FILES, enclosures.files_of_answer)
        banners.add_source(banner.current)
        doors.open_doors()
        start_page.add_link(
            47,
            _("Support: tickets of the help desks"),
            "support:desk",
            act=SupportAct.WORK_TICKETS,
            count=lists.new_count,
        )
        start_page.add_link(57, _("Known problems"), "support:incidents", act=SupportAct.RUN_INCIDENTS)
