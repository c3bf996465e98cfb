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
                (
                    "closure",
                    models.ForeignKey(
                        blank=True,
                        help_text="The one whose appointments move, or the one that publishing made for the days.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservation.closure",
                        verbose_name="closure",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CLOSURE", "the site closes"),
                            ("HOURS", "the opening hours change"),
                            ("INTERVAL", "the interval between doses changed"),
                            ("MOVED", "the dose before was moved"),
                            ("POSTPONED", "the person was ill"),
                        ],
                        help_text="Only appointments that cannot stay for this cause; empty: all.",
                        max_length=10,
                        verbose_name="cause",
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
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-planning",
                "verbose_name_plural": "re-plannings",
                "ordering": ("-made_at",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("first_day", None), ("last_day", None), ("scope", "AFFECTED")),
                            models.Q(
                                ("first_day__isnull", False),
                                ("last_day__gte", models.F("first_day")),
                                ("scope", "DAYS"),
                                ("site__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="replan_has_its_scope",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlannedMove",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "replan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="reservation.replan",
                        verbose_name="re-planning",
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
                        db_index=False,
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
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservation.slot",
                        verbose_name="to",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNED", "planned"),
                            ("NO_TIME", "no time was found"),
                            ("MOVED", "moved"),
                            ("FAILED", "the time was gone"),
                            ("SETTLED", "left as it is"),
                            ("UNDONE", "moved back"),
                        ],
                        default="PLANNED",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "answered_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the person said that the new time suits, or staff reached them. It is not undone then.",
                        null=True,
                        verbose_name="answered at",
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
