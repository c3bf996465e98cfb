"""A provider's report may come before its own answer and waits here for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("messaging", "0002_recipient_index")]

    operations = [
        migrations.CreateModel(
            name="ProviderReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider_id", models.CharField(max_length=64, unique=True, verbose_name="provider's identifier")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PREPARING", "waiting for its attachments"),
                            ("QUEUED", "waiting to be sent"),
                            ("SENDING", "being sent"),
                            ("SENT", "sent"),
                            ("DELIVERED", "delivered"),
                            ("FAILED", "failed"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("received_at", models.DateTimeField(db_index=True, verbose_name="received at")),
            ],
            options={
                "verbose_name": "report of a provider",
                "verbose_name_plural": "reports of providers",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("DELIVERED", "FAILED"))), name="report_is_about_the_end"
                    )
                ],
            },
        ),
    ]
