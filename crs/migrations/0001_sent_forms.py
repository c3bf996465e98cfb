"""The forms that were sent."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Forms are acted on once."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                (
                    "key",
                    models.UUIDField(
                        help_text="Random; made when the page was shown.",
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                (
                    "contents",
                    models.CharField(
                        help_text="Keyed hash of the address and of all that was typed.",
                        max_length=64,
                        verbose_name="contents",
                    ),
                ),
                (
                    "outcome",
                    models.JSONField(
                        default=dict, help_text="Where it led; keys of rows, nothing personal.", verbose_name="outcome"
                    ),
                ),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent at")),
            ],
            options={
                "verbose_name": "sent form",
                "verbose_name_plural": "sent forms",
                "indexes": [models.Index(fields=["sent_at"], name="sent_form_by_time")],
            },
        ),
    ]
