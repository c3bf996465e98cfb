"""Re-plannings and their moves."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
        ("reservation", "0009_waiting_list"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Replan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("AFFECTED", "appointments that cannot stay"),
                            ("DAYS", "all appointments of some days, such as before a late delivery"),
                        ],
                        max_length=10,
                        verbose_name="what moves",
                    ),
                ),
                ("first_day", models.DateField(blank=True, null=True, verbose_name="from")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "not_before",
                    models.DateField(
                        blank=True,
                        help_text="Such as the day of the delivery.",
                        null=True,
                        verbose_name="new times not before",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        help_text="People read it in the message about their new time.",
                        max_length=200,
                        verbose_name="reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNING", "being planned"),
                            ("PLANNED", "planned"),
                            ("PUBLISHING", "being published"),
                            ("PUBLISHED", "published"),
                            ("UNDOING", "being undone"),
                            ("UNDONE", "undone"),
                            ("DISCARDED", "discarded"),
                        ],
                        default="PLANNING",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                (
                    "closure",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservation.closure",
                        verbose_name="closure",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
                (
                    "vaccine",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="logistics.vaccine",
                        verbose_name="vaccine",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-planning",
                "verbose_name_plural": "re-plannings",
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="PlannedMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNED", "planned"),
                            ("NO_TIME", "no time was found"),
                            ("MOVED", "moved"),
                            ("FAILED", "the time was gone"),
                            ("UNDONE", "moved back"),
                        ],
                        default="PLANNED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="planned_moves",
                        to="reservation.appointment",
                        verbose_name="appointment",
                    ),
                ),
                (
                    "from_slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservation.slot",
                        verbose_name="from",
                    ),
                ),
                (
                    "to_slot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservation.slot",
                        verbose_name="to",
                    ),
                ),
                (
                    "replan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="reservation.replan",
                        verbose_name="re-planning",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned move",
                "verbose_name_plural": "planned moves",
                "ordering": ("replan", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("replan"), models.F("appointment"), name="replan_moves_an_appointment_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "NO_TIME"), ("to_slot", None)),
                            models.Q(models.Q(("state", "NO_TIME"), _negated=True), ("to_slot__isnull", False)),
                            _connector="OR",
                        ),
                        name="planned_move_has_a_slot",
                    ),
                ],
            },
        ),
    ]
