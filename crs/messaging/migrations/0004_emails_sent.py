"""Find the e-mails of the last minutes: how long they take is measured twice a minute."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    """One index, made while messages go on being written."""

    atomic = False

    dependencies = [("messaging", "0003_headers_of_emails")]

    operations = [
        AddIndexConcurrently(
            model_name="message",
            index=models.Index(
                F("sent_at"),
                condition=models.Q(channel="EMAIL", lane__lt=3, sent_at__isnull=False),
                name="message_emails_sent",
            ),
        ),
    ]
