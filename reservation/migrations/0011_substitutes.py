"""Substitutes, calls to them, and each offer."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema only."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
        ("registration", "0003_last_dose"),
        ("reservation", "0010_replans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SubstituteCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("doses", models.PositiveSmallIntegerField(verbose_name="doses left")),
                ("come_by", models.DateTimeField(verbose_name="come by")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
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
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="substitute_calls",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
                (
                    "vaccine",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="logistics.vaccine",
                        verbose_name="vaccine",
                    ),
                ),
            ],
            options={
                "verbose_name": "call to substitutes",
                "verbose_name_plural": "calls to substitutes",
                "ordering": ("-made_at",),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("site"),
                        models.F("vaccine"),
                        condition=models.Q(("ended_at", None)),
                        name="site_calls_substitutes_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("doses__gte", 1)), name="substitutes_are_called_for_doses"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("come_by__gt", models.F("made_at"))), name="substitutes_have_time_to_come"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubstituteOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent at")),
                ("answer_by", models.DateTimeField(verbose_name="answer by")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("COMES", "comes"),
                            ("DECLINED", "declined"),
                            ("IGNORED", "not answered"),
                            ("TOO_LATE", "the doses were gone"),
                        ],
                        max_length=10,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                (
                    "answered_with",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who wrote the answer down at the telephone. Empty: the person themselves, or nobody answered.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered with",
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reservation.appointment",
                        verbose_name="appointment",
                    ),
                ),
                (
                    "moved_from",
                    models.ForeignKey(
                        blank=True,
                        help_text="The later time that the person had: it is given back to them if they cannot come after all.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="reservation.slot",
                        verbose_name="moved from",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="reservation.substitutecall",
                        verbose_name="call to substitutes",
                    ),
                ),
                (
                    "registration",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registration.registration",
                        verbose_name="registration",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer to a substitute",
                "verbose_name_plural": "offers to substitutes",
                "ordering": ("call", "sent_at", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("call"), models.F("registration"), name="substitute_is_asked_once_in_a_call"
                    ),
                    models.UniqueConstraint(
                        models.F("registration"),
                        condition=models.Q(("answer", "")),
                        name="substitute_has_one_open_offer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="answered_call_has_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Substitute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes to the site")),
                ("agreed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="agreed at")),
                (
                    "agreed_with",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who wrote it down at the telephone. Empty: the person themselves.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="agreed with",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                (
                    "registration",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="substitute_for",
                        to="registration.registration",
                        verbose_name="registration",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="registration.registrationclaim",
                        verbose_name="claim to a registration",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="substitutes",
                        to="logistics.vaccinationsite",
                        verbose_name="vaccination site",
                    ),
                ),
            ],
            options={
                "verbose_name": "substitute",
                "verbose_name_plural": "substitutes",
                "ordering": ("site", "agreed_at"),
                "constraints": [
                    models.UniqueConstraint(
                        models.F("registration"),
                        models.F("site"),
                        condition=models.Q(("withdrawn_at", None)),
                        name="person_is_once_a_substitute_of_a_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("registration", None), ("claim", None), _connector="XOR"),
                        name="substitute_is_of_a_registration_or_of_a_claim",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 240)), name="substitute_has_a_way"
                    ),
                ],
            },
        ),
    ]
