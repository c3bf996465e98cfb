"""Why each person was allowed to reserve, and how many were served in the last weeks."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

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
                ("birth_date", models.DateField(help_text="As it was known then.", verbose_name="date of birth")),
                (
                    "claim_state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PENDING", "not proven yet"),
                            ("PROVEN", "proven"),
                            ("DISPUTED", "a register says otherwise"),
                            ("REFUSED", "refused by staff"),
                            ("WITHDRAWN", "withdrawn"),
                        ],
                        help_text="Of the claim that the rule asks for. Empty: it goes by age.",
                        max_length=10,
                        verbose_name="proof of the reason",
                    ),
                ),
                ("decided_at", models.DateTimeField(db_index=True, verbose_name="decided at")),
                (
                    "region",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="Where the first of its times was then, wherever it is now.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "ahead",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many who rank higher, are invited and can go to the region still waited for "
                        "PIN2.",
                        null=True,
                        verbose_name="higher in the order",
                    ),
                ),
                (
                    "waiting",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How many of the groups that are invited waited for PIN2 in the region at all.",
                        null=True,
                        verbose_name="waiting",
                    ),
                ),
                ("counted_at", models.DateTimeField(blank=True, null=True, verbose_name="counted at")),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The PIN2 that was out. Empty: there was none.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reservation.invitation",
                        verbose_name="invitation",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        help_text="Of those that invited the person, the one with the highest score. Empty: none did.",
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
        migrations.RunSQL(
            (Path(__file__).parent / "sql_0012" / "grounds.sql").read_text(),
            "DROP FUNCTION reservation_write_grounds() CASCADE",
        ),
        migrations.AddField(
            model_name="waitingsummary",
            name="served",
            field=models.JSONField(
                default=dict,
                help_text="By region, how many people reserved a first dose in each of the last weeks, and the day of it.",
                verbose_name="served",
            ),
        ),
    ]
