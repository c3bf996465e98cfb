"""Opening rules, closures, affected appointments, postponements."""

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("registration", "0003_last_dose"),
        ("reservation", "0003_waiting_summary"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AffectedAppointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("CLOSURE", "the site closes"),
                            ("HOURS", "the opening hours change"),
                            ("INTERVAL", "the interval between doses changed"),
                            ("MOVED", "the dose before was moved"),
                            ("POSTPONED", "the person was ill"),
                        ],
                        max_length=10,
                        verbose_name="cause",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                (
                    "kept_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When it was decided that the person comes as booked.",
                        null=True,
                        verbose_name="kept at",
                    ),
                ),
            ],
            options={
                "verbose_name": "affected appointment",
                "verbose_name_plural": "affected appointments",
                "ordering": ("made_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="AffectedCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("REACHED", "reached"), ("NO_ANSWER", "no answer"), ("WRONG_NUMBER", "wrong number")],
                        max_length=15,
                        verbose_name="outcome",
                    ),
                ),
                ("called_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="called at")),
            ],
            options={
                "verbose_name": "call about an appointment",
                "verbose_name_plural": "calls about appointments",
                "ordering": ("called_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Closure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField(verbose_name="closed from")),
                ("ends_at", models.DateTimeField(verbose_name="closed until")),
                (
                    "reason",
                    models.CharField(
                        help_text="People read it in the message about their appointment.",
                        max_length=200,
                        verbose_name="reason",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted at")),
                (
                    "done_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When its slots were closed, or opened again, and all its people told.",
                        null=True,
                        verbose_name="done at",
                    ),
                ),
            ],
            options={
                "verbose_name": "closure",
                "verbose_name_plural": "closures",
                "ordering": ("site", "starts_at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("starts_at__lt", models.F("ends_at"))), name="closure_has_a_length"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClosureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("starts_at", models.DateTimeField(verbose_name="closed from")),
                ("ends_at", models.DateTimeField(verbose_name="closed until")),
                (
                    "reason",
                    models.CharField(
                        help_text="People read it in the message about their appointment.",
                        max_length=200,
                        verbose_name="reason",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted at")),
                (
                    "done_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When its slots were closed, or opened again, and all its people told.",
                        null=True,
                        verbose_name="done at",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FreeCapacity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "figures",
                    models.JSONField(
                        help_text="By district, vaccine, ages and step-free access.", verbose_name="figures"
                    ),
                ),
                (
                    "version",
                    models.CharField(
                        help_text="Another one whenever any page differs.", max_length=32, verbose_name="version"
                    ),
                ),
                (
                    "changed_at",
                    models.DateTimeField(help_text="When the version was made.", verbose_name="changed at"),
                ),
                (
                    "checked_at",
                    models.DateTimeField(
                        help_text="All changes of seats up to then are in it.", verbose_name="checked at"
                    ),
                ),
            ],
            options={
                "verbose_name": "free capacity",
                "verbose_name_plural": "free capacities",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="there_is_one_free_capacity")
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                ("opens_at", models.TimeField(verbose_name="opens at")),
                ("closes_at", models.TimeField(verbose_name="closes at")),
            ],
            options={
                "verbose_name": "hours of an opening rule",
                "verbose_name_plural": "hours of opening rules",
                "ordering": ("rule", "weekday", "opens_at"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("opens_at__lt", models.F("closes_at"))), name="rule_opens_before_it_closes"
                    ),
                    models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="rule_opens_on_a_weekday"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "valid_from",
                    models.DateField(
                        help_text="The first day on which the site opens by this rule.", verbose_name="from"
                    ),
                ),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="The last day; empty: until another rule says otherwise.",
                        null=True,
                        verbose_name="until",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(default=15, help_text="Minutes.", verbose_name="interval"),
                ),
                (
                    "seats",
                    models.PositiveIntegerField(
                        help_text="People who come in each interval.", verbose_name="seats in an interval"
                    ),
                ),
                (
                    "first_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="The rest is for first and later doses.",
                        verbose_name="kept for first doses (%)",
                    ),
                ),
                (
                    "second_percent",
                    models.PositiveSmallIntegerField(default=0, verbose_name="kept for second and later doses (%)"),
                ),
                (
                    "substitute_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Seats that the site gives itself; nobody books them.",
                        verbose_name="kept for substitutes (%)",
                    ),
                ),
                ("youngest_age", models.PositiveSmallIntegerField(default=0, verbose_name="from the age of")),
                ("oldest_age", models.PositiveSmallIntegerField(default=150, verbose_name="up to the age of")),
                ("opens_on_holidays", models.BooleanField(default=False, verbose_name="open on public holidays")),
                (
                    "is_tied_to_stock",
                    models.BooleanField(
                        default=False,
                        help_text="In the next week it offers only seats for which the site holds or was promised vaccine.",
                        verbose_name="only with vaccine",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True, help_text="It opens no day any more.", null=True, verbose_name="withdrawn at"
                    ),
                ),
            ],
            options={
                "verbose_name": "opening rule",
                "verbose_name_plural": "opening rules",
                "ordering": ("site", "vaccine", "valid_from", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until", None), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="opening_rule_has_days",
                    ),
                    models.CheckConstraint(condition=models.Q(("seats__gt", 0)), name="opening_rule_has_seats"),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 5), ("minutes__lte", 240)),
                        name="opening_rule_has_an_interval",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "first_percent__lte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.Value(100), "-", models.F("second_percent")
                                    ),
                                    "-",
                                    models.F("substitute_percent"),
                                ),
                            )
                        ),
                        name="opening_rule_shares_no_more_than_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("youngest_age__lte", models.F("oldest_age"))), name="opening_rule_has_ages"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningRuleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "valid_from",
                    models.DateField(
                        help_text="The first day on which the site opens by this rule.", verbose_name="from"
                    ),
                ),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        help_text="The last day; empty: until another rule says otherwise.",
                        null=True,
                        verbose_name="until",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(default=15, help_text="Minutes.", verbose_name="interval"),
                ),
                (
                    "seats",
                    models.PositiveIntegerField(
                        help_text="People who come in each interval.", verbose_name="seats in an interval"
                    ),
                ),
                (
                    "first_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="The rest is for first and later doses.",
                        verbose_name="kept for first doses (%)",
                    ),
                ),
                (
                    "second_percent",
                    models.PositiveSmallIntegerField(default=0, verbose_name="kept for second and later doses (%)"),
                ),
                (
                    "substitute_percent",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Seats that the site gives itself; nobody books them.",
                        verbose_name="kept for substitutes (%)",
                    ),
                ),
                ("youngest_age", models.PositiveSmallIntegerField(default=0, verbose_name="from the age of")),
                ("oldest_age", models.PositiveSmallIntegerField(default=150, verbose_name="up to the age of")),
                ("opens_on_holidays", models.BooleanField(default=False, verbose_name="open on public holidays")),
                (
                    "is_tied_to_stock",
                    models.BooleanField(
                        default=False,
                        help_text="In the next week it offers only seats for which the site holds or was promised vaccine.",
                        verbose_name="only with vaccine",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True, help_text="It opens no day any more.", null=True, verbose_name="withdrawn at"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Postponement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ended_on", models.DateField(verbose_name="end of the isolation")),
                ("not_before", models.DateField(verbose_name="not before")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            ],
            options={
                "verbose_name": "postponement",
                "verbose_name_plural": "postponements",
                "ordering": ("-made_at",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("not_before__gte", models.F("ended_on"))), name="postponement_goes_forward"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PostponementEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("ended_on", models.DateField(verbose_name="end of the isolation")),
                ("not_before", models.DateField(verbose_name="not before")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PostponementRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateField(unique=True, verbose_name="valid from")),
                (
                    "days",
                    models.PositiveSmallIntegerField(
                        help_text="After the end of the isolation; 0: at once.", verbose_name="days"
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of postponement",
                "verbose_name_plural": "rules of postponement",
                "ordering": ("valid_from",),
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="reservation",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="reservation",
            name="update_update",
        ),
        migrations.AddField(
            model_name="reservation",
            name="changes",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Of its times since it was confirmed: SEQUENCE in a diary.",
                verbose_name="changes",
            ),
        ),
        migrations.AddField(
            model_name="reservationevent",
            name="changes",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Of its times since it was confirmed: SEQUENCE in a diary.",
                verbose_name="changes",
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="capacity_when_open",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Of a closed slot: what it took before, and takes again.",
                null=True,
                verbose_name="capacity when open",
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="is_by_hand",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Opening rules leave its capacity alone.",
                verbose_name="set by hand",
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="is_closed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Nobody else can book it: its capacity goes down with the people who leave it.",
                verbose_name="closed",
            ),
        ),
        migrations.AddField(
            model_name="slot",
            name="oldest_age",
            field=models.PositiveSmallIntegerField(db_default=150, default=150, verbose_name="up to the age of"),
        ),
        migrations.AddField(
            model_name="slot",
            name="youngest_age",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="from the age of"),
        ),
        migrations.AlterField(
            model_name="slot",
            name="for_doses",
            field=models.CharField(
                choices=[
                    ("FIRST", "first doses"),
                    ("SECOND", "second doses"),
                    ("ANY", "first and second doses"),
                    ("SUBSTITUTE", "substitutes"),
                ],
                default="ANY",
                max_length=10,
                verbose_name="for",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="reservation",
            name="registration_has_one_reservation_holding_seats",
        ),
        migrations.AddField(
            model_name="reservation",
            name="is_finished",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="All its times are over, and the person has gone on to reserve the next dose.",
                verbose_name="finished",
            ),
        ),
        migrations.AddField(
            model_name="reservationevent",
            name="is_finished",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="All its times are over, and the person has gone on to reserve the next dose.",
                verbose_name="finished",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reservation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_reservationevent" ("changes", "check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "is_finished", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."changes", NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."is_finished", NEW."pairing", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;',
                    hash="8efa5cb50e7739e773ec74422553d4fa851953a8",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_41761",
                    table="reservation_reservation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reservation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reservation_reservationevent" ("changes", "check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "is_finished", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."changes", NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."is_finished", NEW."pairing", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;',
                    hash="f58a065e95f8d7c5d697924d3fec46970c5f31bb",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ca5a1",
                    table="reservation_reservation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="appointment",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_appointmentevent" ("dose_number", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reservation_id", "slot_id", "state") VALUES (OLD."dose_number", OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reservation_id", OLD."slot_id", OLD."state"); RETURN NULL;',
                    hash="724c0567f17b324c73dc965bdc223b027e030f18",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_19834",
                    table="reservation_appointment",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                models.F("registration"),
                condition=models.Q(("is_finished", False), ("state__in", ("HELD", "CONFIRMED"))),
                name="registration_has_one_reservation_holding_seats",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("youngest_age__lte", models.F("oldest_age"))), name="slot_has_ages"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_closed", False), ("capacity", models.F("booked")), _connector="OR"),
                name="closed_slot_is_full",
            ),
        ),
        migrations.AddField(
            model_name="affectedappointment",
            name="appointment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="affected",
                to="reservation.appointment",
                verbose_name="appointment",
            ),
        ),
        migrations.AddField(
            model_name="affectedappointment",
            name="kept_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="kept by",
            ),
        ),
        migrations.AddField(
            model_name="affectedappointment",
            name="slot",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservation.slot",
                verbose_name="slot",
            ),
        ),
        migrations.AddField(
            model_name="affectedcall",
            name="affected",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calls",
                to="reservation.affectedappointment",
                verbose_name="affected appointment",
            ),
        ),
        migrations.AddField(
            model_name="affectedcall",
            name="called_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="called by",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="lifted by",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closures",
                to="logistics.vaccinationsite",
                verbose_name="vaccination site",
            ),
        ),
        migrations.AddField(
            model_name="closure",
            name="vaccine",
            field=models.ForeignKey(
                blank=True,
                help_text="Only the seats of this vaccine; empty: all.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="affectedappointment",
            name="closure",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affected",
                to="reservation.closure",
                verbose_name="closure",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="lifted by",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="made_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="reservation.closure",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccinationsite",
                verbose_name="vaccination site",
            ),
        ),
        migrations.AddField(
            model_name="closureevent",
            name="vaccine",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Only the seats of this vaccine; empty: all.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="openingrule",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: a command.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="openingrule",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opening_rules",
                to="logistics.vaccinationsite",
                verbose_name="vaccination site",
            ),
        ),
        migrations.AddField(
            model_name="openingrule",
            name="vaccine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opening_rules",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="openinghours",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="hours",
                to="reservation.openingrule",
                verbose_name="opening rule",
            ),
        ),
        migrations.AddField(
            model_name="openingruleevent",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Empty: a command.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="openingruleevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="openingruleevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="reservation.openingrule",
            ),
        ),
        migrations.AddField(
            model_name="openingruleevent",
            name="site",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccinationsite",
                verbose_name="vaccination site",
            ),
        ),
        migrations.AddField(
            model_name="openingruleevent",
            name="vaccine",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="postponement",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the person themselves.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="postponement",
            name="registration",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="postponements",
                to="registration.registration",
                verbose_name="registration",
            ),
        ),
        migrations.AddField(
            model_name="postponementevent",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Empty: the person themselves.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="postponementevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="postponementevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="reservation.postponement",
            ),
        ),
        migrations.AddField(
            model_name="postponementevent",
            name="registration",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="registration.registration",
                verbose_name="registration",
            ),
        ),
        migrations.AddConstraint(
            model_name="closure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at", None), ("lifted_by", None)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False)),
                    _connector="OR",
                ),
                name="closure_is_lifted_by_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closure",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_closureevent" ("done_at", "ends_at", "id", "lifted_at", "lifted_by_id", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "starts_at", "vaccine_id") VALUES (NEW."done_at", NEW."ends_at", NEW."id", NEW."lifted_at", NEW."lifted_by_id", NEW."made_at", NEW."made_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."site_id", NEW."starts_at", NEW."vaccine_id"); RETURN NULL;',
                    hash="a287ed71c660631c702b16b5b26299451d0d2028",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_fd782",
                    table="reservation_closure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="closure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reservation_closureevent" ("done_at", "ends_at", "id", "lifted_at", "lifted_by_id", "made_at", "made_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "site_id", "starts_at", "vaccine_id") VALUES (NEW."done_at", NEW."ends_at", NEW."id", NEW."lifted_at", NEW."lifted_by_id", NEW."made_at", NEW."made_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."site_id", NEW."starts_at", NEW."vaccine_id"); RETURN NULL;',
                    hash="1ec32ff53adb9e174b507863d55eb2c0260732ec",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ea19f",
                    table="reservation_closure",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="affectedappointment",
            constraint=models.UniqueConstraint(
                models.F("appointment"),
                models.F("slot"),
                condition=models.Q(("kept_at", None)),
                name="appointment_is_affected_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="affectedappointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cause", "CLOSURE"), ("closure__isnull", False)),
                    models.Q(models.Q(("cause", "CLOSURE"), _negated=True), ("closure", None)),
                    _connector="OR",
                ),
                name="affected_by_a_closure_or_not",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="openingrule",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_openingruleevent" ("first_percent", "id", "is_tied_to_stock", "made_at", "made_by_id", "minutes", "oldest_age", "opens_on_holidays", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seats", "second_percent", "site_id", "substitute_percent", "vaccine_id", "valid_from", "valid_until", "withdrawn_at", "youngest_age") VALUES (NEW."first_percent", NEW."id", NEW."is_tied_to_stock", NEW."made_at", NEW."made_by_id", NEW."minutes", NEW."oldest_age", NEW."opens_on_holidays", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."seats", NEW."second_percent", NEW."site_id", NEW."substitute_percent", NEW."vaccine_id", NEW."valid_from", NEW."valid_until", NEW."withdrawn_at", NEW."youngest_age"); RETURN NULL;',
                    hash="946b2728491c6e85ea9c89ee11571ce9406ef256",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b6799",
                    table="reservation_openingrule",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="openingrule",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reservation_openingruleevent" ("first_percent", "id", "is_tied_to_stock", "made_at", "made_by_id", "minutes", "oldest_age", "opens_on_holidays", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "seats", "second_percent", "site_id", "substitute_percent", "vaccine_id", "valid_from", "valid_until", "withdrawn_at", "youngest_age") VALUES (NEW."first_percent", NEW."id", NEW."is_tied_to_stock", NEW."made_at", NEW."made_by_id", NEW."minutes", NEW."oldest_age", NEW."opens_on_holidays", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."seats", NEW."second_percent", NEW."site_id", NEW."substitute_percent", NEW."vaccine_id", NEW."valid_from", NEW."valid_until", NEW."withdrawn_at", NEW."youngest_age"); RETURN NULL;',
                    hash="c169819a52fc42e7714c54acbe03170e2e55c4c1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_02206",
                    table="reservation_openingrule",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="openinghours",
            constraint=models.UniqueConstraint(
                models.F("rule"), models.F("weekday"), models.F("opens_at"), name="rule_opens_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="postponement",
            constraint=models.UniqueConstraint(
                models.F("registration"),
                condition=models.Q(("withdrawn_at", None)),
                name="registration_has_one_postponement",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postponement",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_postponementevent" ("ended_on", "id", "made_at", "made_by_id", "not_before", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "withdrawn_at") VALUES (NEW."ended_on", NEW."id", NEW."made_at", NEW."made_by_id", NEW."not_before", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."withdrawn_at"); RETURN NULL;',
                    hash="a40353bbafedd0b422dc7e331fcf6ae944899ed3",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d1d6c",
                    table="reservation_postponement",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postponement",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reservation_postponementevent" ("ended_on", "id", "made_at", "made_by_id", "not_before", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "withdrawn_at") VALUES (NEW."ended_on", NEW."id", NEW."made_at", NEW."made_by_id", NEW."not_before", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."withdrawn_at"); RETURN NULL;',
                    hash="4aa1c705427dcae3601dea6e9501d9df2189b23c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_2627c",
                    table="reservation_postponement",
                    when="AFTER",
                ),
            ),
        ),
        frozen(__file__, "closed_slots"),
        frozen(__file__, "first_day"),
        frozen(__file__, "later_doses"),
        frozen(__file__, "take_seats"),
        frozen(__file__, "hold_doses"),
    ]
