"""Networks where staff logged in, and codes for a new password."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Accounts of staff."""

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownNetwork",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of the account and the network.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                ("seen_at", models.DateTimeField(db_index=True, verbose_name="seen at")),
            ],
            options={
                "verbose_name": "known network",
                "verbose_name_plural": "known networks",
            },
        ),
        migrations.CreateModel(
            name="PasswordReset",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of the e-mail.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True, help_text="Until the code is made.", max_length=254, verbose_name="e-mail"
                    ),
                ),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("asked_at", models.DateTimeField(db_index=True, verbose_name="asked at")),
                (
                    "code_hash",
                    models.CharField(
                        blank=True,
                        help_text="Empty until the code is made.",
                        max_length=64,
                        verbose_name="hash of the code",
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty where nobody of staff has the e-mail; nothing is sent then.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "forgotten password",
                "verbose_name_plural": "forgotten passwords",
            },
        ),
    ]
