"""The forms that were sent, and the counts of tries."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Floor 0."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tries",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of what was tried and by whom.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                (
                    "ends_at",
                    models.DateTimeField(
                        db_index=True, help_text="From then on the count means nothing.", verbose_name="ends at"
                    ),
                ),
            ],
            options={
                "verbose_name": "tries",
                "verbose_name_plural": "tries",
            },
        ),
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
