"""A third channel: letters, printed in batches."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import crs.encryption


class Migration(migrations.Migration):
    """Batches, the address of the envelope, and the states of paper."""

    dependencies = [
        ("messaging", "0004_emails_sent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="address",
            field=crs.encryption.EncryptedTextField(
                blank=True,
                help_text="The lines of the envelope. Letters only. Encrypted.",
                null=True,
                verbose_name="address",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="channel",
            field=models.CharField(
                choices=[("SMS", "SMS"), ("EMAIL", "e-mail"), ("LETTER", "letter")],
                max_length=6,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="recipient",
            field=models.CharField(
                blank=True,
                help_text="Telephone number (E.164) or e-mail address; of a letter empty.",
                max_length=254,
                verbose_name="recipient",
            ),
        ),
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
                    ("PRINTED", "printed"),
                    ("POSTED", "posted"),
                ],
                default="QUEUED",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="subject",
            field=models.CharField(
                blank=True, help_text="E-mail, and the heading of a letter.", max_length=200, verbose_name="subject"
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
                    ("PRINTED", "printed"),
                    ("POSTED", "posted"),
                ],
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                (
                    "printed_at",
                    models.DateTimeField(
                        blank=True, help_text="When somebody first took its file.", null=True, verbose_name="printed at"
                    ),
                ),
                (
                    "prints",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="More than one where a print was spoilt.",
                        verbose_name="prints",
                    ),
                ),
                ("posted_at", models.DateTimeField(blank=True, null=True, verbose_name="posted at")),
                (
                    "posted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="posted by",
                    ),
                ),
                (
                    "printed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="printed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "batch of letters",
                "verbose_name_plural": "batches of letters",
                "ordering": ("-id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("printed_at", None), ("printed_by", None), ("prints", 0)),
                            models.Q(("printed_at__isnull", False), ("printed_by__isnull", False), ("prints__gte", 1)),
                            _connector="OR",
                        ),
                        name="printed_batch_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("posted_at", None), ("posted_by", None)),
                            models.Q(
                                ("posted_at__isnull", False),
                                ("posted_by__isnull", False),
                                ("printed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="posted_batch_was_printed",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="message",
            name="letter_batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="With which it is printed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="letters",
                to="messaging.letterbatch",
                verbose_name="batch of letters",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="owner",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Letters only: the registration number of whoever gets it.",
                max_length=12,
                verbose_name="owner",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="returned_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who marked the letter as brought back by the post.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="returned by",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("owner"),
                models.F("id"),
                condition=models.Q(("owner", ""), _negated=True),
                name="message_letters_of",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("letter_batch"),
                models.F("id"),
                condition=models.Q(("letter_batch__isnull", False)),
                name="message_of_a_batch",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel", "LETTER"), models.Q(("recipient", ""), _negated=True), _connector="XOR"),
                name="only_a_letter_has_no_recipient",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("channel", "LETTER"),
                    models.Q(
                        ("address", None),
                        ("letter_batch", None),
                        models.Q(("state__in", ("PRINTED", "POSTED")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="only_a_letter_is_printed",
            ),
        ),
    ]
