"""How people came to PIN2, when it served, and pauses of invitations."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("registration", "0003_last_dose"),
        ("reservation", "0007_postponement_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("TURN", "the turn came"),
                    ("STRAIGHT_ON", "straight after registering"),
                    ("OFFER", "a time was offered from the waiting list"),
                    ("RESENT", "sent once more"),
                    ("GAVE_BACK", "the person gave times back"),
                ],
                db_default="TURN",
                default="TURN",
                max_length=15,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="reminded_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the person was told that it ends soon.",
                null=True,
                verbose_name="reminded at",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="used_at",
            field=models.DateTimeField(
                blank=True, help_text="When the person first logged in with it.", null=True, verbose_name="used at"
            ),
        ),
        migrations.CreateModel(
            name="InvitationPause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paused_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="paused at")),
                ("resumed_at", models.DateTimeField(blank=True, null=True, verbose_name="resumed at")),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitation_pauses",
                        to="registration.registration",
                        verbose_name="registration",
                    ),
                ),
                (
                    "resumed_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the person themselves.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="resumed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "pause of invitations",
                "verbose_name_plural": "pauses of invitations",
                "ordering": ("-paused_at",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("registration"),
                        condition=models.Q(("resumed_at", None)),
                        name="invitations_pause_once",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="invitation",
            name="issued_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Staff who had it sent once more. Empty: the system, or the person themselves.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="issued by",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="unused_before",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="How many PIN2 before this one, one after another, ran out without a log-in.",
                verbose_name="unused before",
            ),
        ),
        migrations.AddField(
            model_name="waitingsummary",
            name="share_who_come",
            field=models.FloatField(
                default=1,
                help_text="Of people with PIN2, as those did whose PIN2 ended lately.",
                verbose_name="share who come",
            ),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(models.F("expires_at"), name="invitation_expires"),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(
                models.F("expires_at"),
                condition=models.Q(("revoked_at", None), ("unused_before__gte", 2), ("used_at", None)),
                name="invitation_last_unused",
            ),
        ),
    ]
