"""Why each person was allowed to reserve."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("registration", "0003_last_dose"),
        ("reservation", "0011_substitutes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReservationGrounds",
            fields=[
                (
                    "reservation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="grounds",
                        serialize=False,
                        to="reservation.reservation",
                        verbose_name="reservation",
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="score")),
                (
                    "evidence",
                    models.JSONField(
                        default=dict,
                        help_text="What the rule stood on: the age, claims and their proofs; no names.",
                        verbose_name="evidence",
                    ),
                ),
                (
                    "rank",
                    models.JSONField(
                        default=dict,
                        help_text="The place in the order at that moment, and of when it is.",
                        verbose_name="rank",
                    ),
                ),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registration.grouprule",
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "grounds of a reservation",
                "verbose_name_plural": "grounds of reservations",
                "ordering": ("-decided_at",),
            },
        ),
    ]
