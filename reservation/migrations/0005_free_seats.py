"""Sums of seats, what sites offer, and the triggers that keep them."""

import django.db.models.deletion
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
        ("reservation", "0004_calendars"),
    ]

    operations = [
        migrations.CreateModel(
            name="OffersState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "folded_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="All changes of seats up to then are in the offers.",
                        null=True,
                        verbose_name="folded at",
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When an offer last became another one.",
                        null=True,
                        verbose_name="changed at",
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="For which minute slots that have begun were last looked at.",
                        null=True,
                        verbose_name="begun at",
                    ),
                ),
                (
                    "rules",
                    models.CharField(
                        blank=True,
                        help_text="A fingerprint of the intervals and ages they stand on.",
                        max_length=64,
                        verbose_name="rules",
                    ),
                ),
            ],
            options={
                "verbose_name": "state of the offers",
                "verbose_name_plural": "states of the offers",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="offers_have_one_state")],
            },
        ),
        migrations.CreateModel(
            name="DaySeats",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "for_doses",
                    models.CharField(
                        choices=[
                            ("FIRST", "first doses"),
                            ("SECOND", "second doses"),
                            ("ANY", "first and second doses"),
                            ("SUBSTITUTE", "substitutes"),
                        ],
                        max_length=10,
                        verbose_name="for",
                    ),
                ),
                ("youngest_age", models.PositiveSmallIntegerField(default=0, verbose_name="from the age of")),
                ("oldest_age", models.PositiveSmallIntegerField(default=150, verbose_name="up to the age of")),
                ("capacity", models.IntegerField(default=0, verbose_name="capacity")),
                ("booked", models.IntegerField(default=0, verbose_name="booked")),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
                (
                    "vaccine",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="logistics.vaccine",
                        verbose_name="vaccine",
                    ),
                ),
            ],
            options={
                "verbose_name": "seats of a day",
                "verbose_name_plural": "seats of days",
                "ordering": ("site", "day", "vaccine", "for_doses"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("site"),
                        models.F("vaccine"),
                        models.F("day"),
                        models.F("for_doses"),
                        models.F("youngest_age"),
                        models.F("oldest_age"),
                        name="day_has_one_sum",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SeatChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "for_doses",
                    models.CharField(
                        choices=[
                            ("FIRST", "first doses"),
                            ("SECOND", "second doses"),
                            ("ANY", "first and second doses"),
                            ("SUBSTITUTE", "substitutes"),
                        ],
                        max_length=10,
                        verbose_name="for",
                    ),
                ),
                ("youngest_age", models.PositiveSmallIntegerField(default=0, verbose_name="from the age of")),
                ("oldest_age", models.PositiveSmallIntegerField(default=150, verbose_name="up to the age of")),
                ("capacity", models.IntegerField(verbose_name="capacity")),
                ("booked", models.IntegerField(verbose_name="booked")),
                (
                    "site",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
                (
                    "vaccine",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="logistics.vaccine",
                        verbose_name="vaccine",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of seats",
                "verbose_name_plural": "changes of seats",
                "ordering": ("pk",),
                "indexes": [models.Index(models.F("site"), name="changes_of_a_site")],
            },
        ),
        migrations.CreateModel(
            name="SiteOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("youngest_age", models.PositiveSmallIntegerField(default=0, verbose_name="from the age of")),
                ("oldest_age", models.PositiveSmallIntegerField(default=150, verbose_name="up to the age of")),
                ("next_day", models.DateField(blank=True, null=True, verbose_name="next free day")),
                (
                    "free",
                    models.PositiveIntegerField(
                        default=0, help_text="For first doses, on all days to come.", verbose_name="free seats"
                    ),
                ),
                ("free_7", models.PositiveIntegerField(default=0, verbose_name="free in 7 days")),
                ("free_14", models.PositiveIntegerField(default=0, verbose_name="free in 14 days")),
                ("free_30", models.PositiveIntegerField(default=0, verbose_name="free in 30 days")),
                (
                    "pairs",
                    models.PositiveIntegerField(
                        default=0, help_text="As many can reserve together.", verbose_name="people with all doses"
                    ),
                ),
                (
                    "next_later_day",
                    models.DateField(blank=True, null=True, verbose_name="next free day for a later dose"),
                ),
                (
                    "later",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="For second and later doses, on all days to come.",
                        verbose_name="free for later doses",
                    ),
                ),
                (
                    "spare",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Those that no free first dose needs.",
                        verbose_name="spare for later doses",
                    ),
                ),
                (
                    "stale_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since when seats of the site have changed.",
                        null=True,
                        verbose_name="to compute since",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
                (
                    "vaccine",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="logistics.vaccine",
                        verbose_name="vaccine",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer of a site",
                "verbose_name_plural": "offers of sites",
                "ordering": ("site", "vaccine", "youngest_age"),
                "indexes": [
                    models.Index(
                        models.F("stale_since"),
                        condition=models.Q(("stale_since__isnull", False)),
                        name="offers_to_compute",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("site"),
                        models.F("vaccine"),
                        models.F("youngest_age"),
                        models.F("oldest_age"),
                        name="site_has_one_offer",
                    )
                ],
            },
        ),
        # Its rows come and go within seconds: tidied up by their number, however few are left.
        migrations.RunSQL(
            "ALTER TABLE reservation_seatchange SET (autovacuum_vacuum_scale_factor = 0, "
            "autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1)",
            migrations.RunSQL.noop,
        ),
        # Every booking would write this index too, and nothing is ever looked up in it.
        migrations.RunSQL(
            "ALTER TABLE reservation_seatchange DROP CONSTRAINT reservation_seatchange_pkey",
            "ALTER TABLE reservation_seatchange ADD PRIMARY KEY (id)",
        ),
        frozen(__file__, "free_seats"),
    ]
