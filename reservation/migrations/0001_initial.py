"""The tables of reservation, the functions that release seats, and the triggers that keep both doses together.

The functions: docs/adr/0006-reserve-in-one-call.md.
"""

import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import reservation.models
import uuid
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('logistics', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registration', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('HELD', 'held'), ('CONFIRMED', 'confirmed'), ('EXPIRED', 'ran out'), ('CANCELLED', 'cancelled')], max_length=10, verbose_name='state')),
                ('pairing', models.CharField(choices=[('EXACT', 'the ideal day, the same time'), ('SAME_DAY', 'the ideal day, another time'), ('OTHER_DAY', 'another day within the allowed interval')], max_length=10, verbose_name='pairing')),
                ('held_until', models.DateTimeField(verbose_name='held until')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('check_in_code', models.CharField(default=reservation.models.new_check_in_code, max_length=20, unique=True, verbose_name='check-in code')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reservations', to='registration.registration', verbose_name='registration')),
            ],
            options={
                'verbose_name': 'reservation',
                'verbose_name_plural': 'reservations',
                'ordering': ('-created_at',),
                "indexes": [
                    models.Index(models.F('held_until'), condition=models.Q(('state', 'HELD')), name='reservation_held'),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F('registration'), condition=models.Q(('state__in', ('HELD', 'CONFIRMED'))), name='registration_has_one_reservation_holding_seats'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'CONFIRMED'), _negated=True), ('confirmed_at__isnull', False), _connector='OR'), name='confirmed_reservation_has_its_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='ReservationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, serialize=False)),
                ('state', models.CharField(choices=[('HELD', 'held'), ('CONFIRMED', 'confirmed'), ('EXPIRED', 'ran out'), ('CANCELLED', 'cancelled')], max_length=10, verbose_name='state')),
                ('pairing', models.CharField(choices=[('EXACT', 'the ideal day, the same time'), ('SAME_DAY', 'the ideal day, another time'), ('OTHER_DAY', 'another day within the allowed interval')], max_length=10, verbose_name='pairing')),
                ('held_until', models.DateTimeField(verbose_name='held until')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('check_in_code', models.CharField(default=reservation.models.new_check_in_code, max_length=20, verbose_name='check-in code')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reservation.reservation')),
                ('registration', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registration.registration', verbose_name='registration')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('for_doses', models.CharField(choices=[('FIRST', 'first doses'), ('SECOND', 'second doses'), ('ANY', 'first and second doses')], default='ANY', max_length=6, verbose_name='for')),
                ('starts_at', models.DateTimeField(verbose_name='starts at')),
                ('minutes', models.PositiveSmallIntegerField(default=15, help_text='Minutes.', verbose_name='length')),
                ('capacity', models.PositiveIntegerField(help_text='People.', verbose_name='capacity')),
                ('booked', models.PositiveIntegerField(default=0, help_text='Held and confirmed appointments.', verbose_name='booked')),
                ('day', models.GeneratedField(db_persist=True, expression=reservation.models.PragueDate('starts_at'), output_field=models.DateField(verbose_name='day'))),
                ('wall_time', models.GeneratedField(db_persist=True, expression=reservation.models.PragueTime('starts_at'), output_field=models.TimeField(verbose_name='time'))),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='logistics.vaccinationsite', verbose_name='vaccination site')),
                ('vaccine', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='logistics.vaccine', verbose_name='vaccine')),
            ],
            options={
                'verbose_name': 'slot',
                'verbose_name_plural': 'slots',
                'ordering': ('starts_at',),
                "constraints": [
                    models.UniqueConstraint(models.F('site'), models.F('vaccine'), models.F('day'), models.F('wall_time'), models.F('for_doses'), name='slot_is_unique'),
                    models.CheckConstraint(condition=models.Q(('booked__gte', 0), ('booked__lte', models.F('capacity'))), name='slot_not_overbooked'),
                    models.CheckConstraint(condition=models.Q(('minutes__gt', 0)), name='slot_has_length'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dose_number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('reservation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='appointments', to='reservation.reservation', verbose_name='reservation')),
                ('slot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='reservation.slot', verbose_name='slot')),
            ],
            options={
                'verbose_name': 'appointment',
                'verbose_name_plural': 'appointments',
                'ordering': ('dose_number',),
                "constraints": [
                    models.UniqueConstraint(models.F('reservation'), models.F('dose_number'), name='appointment_is_unique'),
                    models.CheckConstraint(condition=models.Q(('dose_number__in', (1, 2))), name='appointment_dose_is_1_or_2'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pin_hash', models.CharField(max_length=64, verbose_name='keyed hash of PIN2')),
                ('issued_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='issued at')),
                ('expires_at', models.DateTimeField(verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, help_text='Replaced by a newer PIN2, or cancelled.', null=True, verbose_name='revoked at')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='registration.registration', verbose_name='registration')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ('-issued_at',),
                'constraints': [models.UniqueConstraint(models.F('registration'), condition=models.Q(('revoked_at', None)), name='registration_has_one_valid_pin2')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reservation_reservationevent" ("check_in_code", "confirmed_at", "created_at", "held_until", "id", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."pairing", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;', hash='fb523f5483bea00c0b9a0939d71e853951cc8ceb', operation='INSERT', pgid='pgtrigger_insert_insert_41761', table='reservation_reservation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reservation_reservationevent" ("check_in_code", "confirmed_at", "created_at", "held_until", "id", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."pairing", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;', hash='1f9c8de0fa303fce5a66e0975d6e4bb688b12d62', operation='UPDATE', pgid='pgtrigger_update_update_ca5a1', table='reservation_reservation', when='AFTER')),
        ),
        # A quarter of each page of slots stays empty, so that a counter moves within its page. No index holds `booked`,
        # so such an update touches no index at all (HOT) and needs no vacuum to be tidied. A partial index of the free
        # slots would undo that: its condition names `booked`.
        migrations.RunSQL(
            "ALTER TABLE reservation_slot SET (fillfactor = 75)", "ALTER TABLE reservation_slot RESET (fillfactor)"
        ),
        frozen(__file__, "may_reserve"),
        frozen(__file__, "release"),
        frozen(__file__, "all_doses"),
    ]
