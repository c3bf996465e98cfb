"""Headers of e-mails that want answers, and an index of what failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Headers and an index."""

    dependencies = [
        ("messaging", "0002_cancelled_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="headers",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="E-mail only: from whom, where answers go, what it answers (crs/messaging/headers.py).",
                verbose_name="headers",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(models.F("id"), condition=models.Q(("state", "FAILED")), name="message_failed"),
        ),
    ]
