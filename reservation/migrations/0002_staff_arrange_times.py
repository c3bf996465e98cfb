"""States of appointments, and times that staff arrange."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('reservation', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='AppointmentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('dose_number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('state', models.CharField(choices=[('BOOKED', 'booked'), ('FULFILLED', 'dose given'), ('MISSED', 'missed')], db_default='BOOKED', max_length=10, verbose_name='state')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reservation',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='reservation',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='appointment',
            name='appointment_dose_is_1_or_2',
        ),
        migrations.AddField(
            model_name='appointment',
            name='state',
            field=models.CharField(choices=[('BOOKED', 'booked'), ('FULFILLED', 'dose given'), ('MISSED', 'missed')], db_default='BOOKED', max_length=10, verbose_name='state'),
        ),
        migrations.AddField(
            model_name='reservation',
            name='is_by_staff',
            field=models.BooleanField(db_default=False, help_text='A site made it or changed a time: the doses may lie apart, the second may not be found yet.', verbose_name='arranged by staff'),
        ),
        migrations.AddField(
            model_name='reservationevent',
            name='is_by_staff',
            field=models.BooleanField(db_default=False, help_text='A site made it or changed a time: the doses may lie apart, the second may not be found yet.', verbose_name='arranged by staff'),
        ),
        migrations.AlterField(
            model_name='reservation',
            name='state',
            field=models.CharField(choices=[('HELD', 'held'), ('CONFIRMED', 'confirmed'), ('EXPIRED', 'ran out'), ('CANCELLED', 'cancelled'), ('MISSED', 'missed')], max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='reservationevent',
            name='state',
            field=models.CharField(choices=[('HELD', 'held'), ('CONFIRMED', 'confirmed'), ('EXPIRED', 'ran out'), ('CANCELLED', 'cancelled'), ('MISSED', 'missed')], max_length=10, verbose_name='state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reservation_appointmentevent" ("dose_number", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reservation_id", "slot_id", "state") VALUES (NEW."dose_number", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reservation_id", NEW."slot_id", NEW."state"); RETURN NULL;', hash='b7ed59e7b8f5186c49d8aa9861f46fa1e1bd8e29', operation='UPDATE', pgid='pgtrigger_update_update_0f9ab', table='reservation_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "reservation_reservationevent" ("check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."pairing", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;', hash='6b20250e8bba5ca22bbb9b3dd570fcff81eb9f83', operation='INSERT', pgid='pgtrigger_insert_insert_41761', table='reservation_reservation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reservation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reservation_reservationevent" ("check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "pairing", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."pairing", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;', hash='441bf6fd8268a51a1b11889846624a593bec58a8', operation='UPDATE', pgid='pgtrigger_update_update_ca5a1', table='reservation_reservation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('dose_number__gte', 1), ('dose_number__lte', 9)), name='appointment_dose_in_range'),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='reservation.appointment'),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='reservation',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reservation.reservation', verbose_name='reservation'),
        ),
        migrations.AddField(
            model_name='appointmentevent',
            name='slot',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reservation.slot', verbose_name='slot'),
        ),
    ]
