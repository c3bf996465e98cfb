"""Messages that are cancelled, and the order in which files are made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("PREPARING", "waiting for its attachments"),
                    ("QUEUED", "waiting to be sent"),
                    ("SENDING", "being sent"),
                    ("SENT", "sent"),
                    ("DELIVERED", "delivered"),
                    ("FAILED", "failed"),
                    ("CANCELLED", "cancelled before it was sent"),
                ],
                default="QUEUED",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="providerreport",
            name="state",
            field=models.CharField(
                choices=[
                    ("PREPARING", "waiting for its attachments"),
                    ("QUEUED", "waiting to be sent"),
                    ("SENDING", "being sent"),
                    ("SENT", "sent"),
                    ("DELIVERED", "delivered"),
                    ("FAILED", "failed"),
                    ("CANCELLED", "cancelled before it was sent"),
                ],
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="cancellation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("NEWER", "something newer took its place"),
                    ("VOID", "what it is about is not valid any more"),
                ],
                db_default="",
                default="",
                help_text="What a worker is sending meanwhile goes out, or is cancelled where it would wait for another "
                "try.",
                max_length=10,
                verbose_name="why cancelled",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("lane"),
                models.F("due_at"),
                models.F("id"),
                condition=models.Q(("state", "PREPARING")),
                name="message_to_prepare",
            ),
        ),
    ]
