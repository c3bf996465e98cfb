"""Personal links."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("registration", "0003_last_dose"),
        ("reservation", "0013_parties"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonalLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("CANNOT_COME", "give an appointment back"),
                            ("SEAT_OFFER", "answer an offered time"),
                            ("REPLANNED", "look at a time that was moved"),
                            ("SUBSTITUTE", "answer a call to substitutes"),
                        ],
                        max_length=15,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        help_text="The key of the row that the message is about.", max_length=40, verbose_name="about"
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True, verbose_name="keyed hash of the token")),
                (
                    "is_by_phone",
                    models.BooleanField(
                        default=False,
                        help_text="It came by SMS, so whoever opens it holds the telephone, as whoever knows PIN2 does.",
                        verbose_name="went to the telephone",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="personal_links",
                        to="registration.registration",
                        verbose_name="registration",
                    ),
                ),
            ],
            options={
                "verbose_name": "personal link",
                "verbose_name_plural": "personal links",
                "ordering": ("-made_at",),
                "indexes": [models.Index(models.F("expires_at"), name="personal_link_expires")],
            },
        ),
    ]
