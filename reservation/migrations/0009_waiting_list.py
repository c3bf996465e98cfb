"""The waiting list and the times offered from it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("registration", "0003_last_dose"),
        ("reservation", "0008_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingListEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("joined_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="joined at")),
                (
                    "left_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When the person reserved, or wanted no more offers.",
                        null=True,
                        verbose_name="left at",
                    ),
                ),
                (
                    "tried_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When none of the free times was one for the person: until there are more, nobody waits for them.",
                        null=True,
                        verbose_name="no time found at",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waiting_list_entries",
                        to="registration.registration",
                        verbose_name="registration",
                    ),
                ),
            ],
            options={
                "verbose_name": "place on the waiting list",
                "verbose_name_plural": "places on the waiting list",
                "ordering": ("joined_at",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("registration"),
                        condition=models.Q(("left_at", None)),
                        name="person_stands_once_on_the_waiting_list",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeatOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offered_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="offered at")),
                ("answer_by", models.DateTimeField(verbose_name="answer by")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ACCEPTED", "accepted"),
                            ("DECLINED", "declined"),
                            ("CHANGED", "another time was chosen"),
                            ("IGNORED", "not answered"),
                            ("VOID", "the time could not be kept"),
                        ],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                (
                    "reservation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seat_offer",
                        to="reservation.reservation",
                        verbose_name="reservation",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="reservation.waitinglistentry",
                        verbose_name="place on the waiting list",
                    ),
                ),
            ],
            options={
                "verbose_name": "offered time",
                "verbose_name_plural": "offered times",
                "ordering": ("-offered_at",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("entry"), condition=models.Q(("answer", "")), name="entry_has_one_open_offer"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer_by__gt", models.F("offered_at"))),
                        name="offer_leaves_time_to_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_offer_has_its_time",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="siteoffer",
            name="grew_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When there were last more free seats than before.",
                null=True,
                verbose_name="more free at",
            ),
        ),
    ]
