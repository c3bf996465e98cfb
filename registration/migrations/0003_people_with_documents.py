"""People who are found by a document, and how far a registration has come."""

import crs.encryption
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import phonenumber_field.modelfields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0005_rules_of_doses'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registration', '0002_priority_groups'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('first_name', models.CharField(max_length=80, verbose_name='first name')),
                ('last_name', models.CharField(max_length=80, verbose_name='surname')),
                ('latin_first_name', models.CharField(blank=True, help_text='As the travel document spells it, where the name is in another script (ICAO 9303).', max_length=80, verbose_name='first name in Latin letters')),
                ('latin_last_name', models.CharField(blank=True, max_length=80, verbose_name='surname in Latin letters')),
                ('insured_number_hash', models.CharField(blank=True, help_text='Finds the person.', max_length=64, verbose_name="keyed hash of the insured person's number")),
                ('document_type', models.CharField(blank=True, choices=[('PASSPORT', 'passport'), ('ID_CARD', 'identity card'), ('RESIDENCE_PERMIT', 'residence permit')], max_length=20, verbose_name='document')),
                ('document_country', models.CharField(blank=True, help_text='Two letters of ISO 3166.', max_length=2, verbose_name='issuing state')),
                ('document_hash', models.CharField(blank=True, help_text='Of type, state and number.', max_length=64, verbose_name='keyed hash of the document')),
                ('birth_date', models.DateField(verbose_name='date of birth')),
                ('sex', models.CharField(blank=True, choices=[('F', 'female'), ('M', 'male'), ('X', 'not said')], help_text="Empty: the insured person's number says it.", max_length=1, verbose_name='sex')),
                ('insurer', models.CharField(blank=True, choices=[('111', '111 – VZP ČR'), ('201', '201 – VoZP ČR'), ('205', '205 – ČPZP'), ('207', '207 – OZP'), ('209', '209 – ZPŠ'), ('211', '211 – ZP MV ČR'), ('213', '213 – RBP')], max_length=3, verbose_name='health insurer')),
                ('street', models.CharField(blank=True, max_length=120, verbose_name='street and number')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='town')),
                ('postcode', models.CharField(blank=True, help_text='Five digits.', max_length=5, verbose_name='postcode')),
                ('died_on', models.DateField(blank=True, null=True, verbose_name='died on')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='update_update',
        ),
        migrations.RemoveConstraint(
            model_name='registration',
            name='person_has_one_active_registration',
        ),
        migrations.AddField(
            model_name='person',
            name='died_on',
            field=models.DateField(blank=True, null=True, verbose_name='died on'),
        ),
        migrations.AddField(
            model_name='person',
            name='document_country',
            field=models.CharField(blank=True, help_text='Two letters of ISO 3166.', max_length=2, verbose_name='issuing state'),
        ),
        migrations.AddField(
            model_name='person',
            name='document_hash',
            field=models.CharField(blank=True, help_text='Of type, state and number.', max_length=64, verbose_name='keyed hash of the document'),
        ),
        migrations.AddField(
            model_name='person',
            name='document_number',
            field=crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='number of the document'),
        ),
        migrations.AddField(
            model_name='person',
            name='document_type',
            field=models.CharField(blank=True, choices=[('PASSPORT', 'passport'), ('ID_CARD', 'identity card'), ('RESIDENCE_PERMIT', 'residence permit')], max_length=20, verbose_name='document'),
        ),
        migrations.AddField(
            model_name='person',
            name='latin_first_name',
            field=models.CharField(blank=True, help_text='As the travel document spells it, where the name is in another script (ICAO 9303).', max_length=80, verbose_name='first name in Latin letters'),
        ),
        migrations.AddField(
            model_name='person',
            name='latin_last_name',
            field=models.CharField(blank=True, max_length=80, verbose_name='surname in Latin letters'),
        ),
        migrations.AddField(
            model_name='person',
            name='merged_into',
            field=models.ForeignKey(blank=True, help_text='The row that stands for this person now, where there were two.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='registration.person', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='person',
            name='sex',
            field=models.CharField(blank=True, choices=[('F', 'female'), ('M', 'male'), ('X', 'not said')], help_text="Empty: the insured person's number says it.", max_length=1, verbose_name='sex'),
        ),
        migrations.AddField(
            model_name='registration',
            name='doses_received',
            field=models.PositiveSmallIntegerField(db_default=0, help_text='Kept by the recording of doses.', verbose_name='doses received'),
        ),
        migrations.AddField(
            model_name='registration',
            name='registered_at_site',
            field=models.ForeignKey(blank=True, help_text='The site whose staff registered the person; empty: the portal.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='registrations', to='logistics.vaccinationsite', verbose_name='registered at'),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='doses_received',
            field=models.PositiveSmallIntegerField(db_default=0, help_text='Kept by the recording of doses.', verbose_name='doses received'),
        ),
        migrations.AddField(
            model_name='registrationevent',
            name='registered_at_site',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='The site whose staff registered the person; empty: the portal.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccinationsite', verbose_name='registered at'),
        ),
        migrations.AlterField(
            model_name='person',
            name='city',
            field=models.CharField(blank=True, max_length=80, verbose_name='town'),
        ),
        migrations.AlterField(
            model_name='person',
            name='insured_number',
            field=crs.encryption.EncryptedTextField(blank=True, help_text='Digits only. Encrypted. Empty: the person has none.', null=True, verbose_name="insured person's number"),
        ),
        migrations.AlterField(
            model_name='person',
            name='insured_number_hash',
            field=models.CharField(blank=True, help_text='Finds the person.', max_length=64, verbose_name="keyed hash of the insured person's number"),
        ),
        migrations.AlterField(
            model_name='person',
            name='insurer',
            field=models.CharField(blank=True, choices=[('111', '111 – VZP ČR'), ('201', '201 – VoZP ČR'), ('205', '205 – ČPZP'), ('207', '207 – OZP'), ('209', '209 – ZPŠ'), ('211', '211 – ZP MV ČR'), ('213', '213 – RBP')], max_length=3, verbose_name='health insurer'),
        ),
        migrations.AlterField(
            model_name='person',
            name='postcode',
            field=models.CharField(blank=True, help_text='Five digits.', max_length=5, verbose_name='postcode'),
        ),
        migrations.AlterField(
            model_name='person',
            name='street',
            field=models.CharField(blank=True, max_length=120, verbose_name='street and number'),
        ),
        migrations.AlterField(
            model_name='registration',
            name='phone',
            field=phonenumber_field.modelfields.PhoneNumberField(blank=True, db_index=True, help_text='Proven by PIN, or told at a site; PIN2 goes there. Empty: registered at a site without one.', max_length=128, region=None, verbose_name='telephone'),
        ),
        migrations.AlterField(
            model_name='registration',
            name='state',
            field=models.CharField(choices=[('ACTIVE', 'active'), ('COMPLETED', 'all doses given'), ('CANCELLED', 'cancelled')], default='ACTIVE', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='registrationevent',
            name='phone',
            field=phonenumber_field.modelfields.PhoneNumberField(blank=True, help_text='Proven by PIN, or told at a site; PIN2 goes there. Empty: registered at a site without one.', max_length=128, region=None, verbose_name='telephone'),
        ),
        migrations.AlterField(
            model_name='registrationevent',
            name='state',
            field=models.CharField(choices=[('ACTIVE', 'active'), ('COMPLETED', 'all doses given'), ('CANCELLED', 'cancelled')], default='ACTIVE', max_length=10, verbose_name='state'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."birth_date" IS DISTINCT FROM (NEW."birth_date") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."died_on" IS DISTINCT FROM (NEW."died_on") OR OLD."document_country" IS DISTINCT FROM (NEW."document_country") OR OLD."document_hash" IS DISTINCT FROM (NEW."document_hash") OR OLD."document_type" IS DISTINCT FROM (NEW."document_type") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."insured_number_hash" IS DISTINCT FROM (NEW."insured_number_hash") OR OLD."insurer" IS DISTINCT FROM (NEW."insurer") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."latin_first_name" IS DISTINCT FROM (NEW."latin_first_name") OR OLD."latin_last_name" IS DISTINCT FROM (NEW."latin_last_name") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."sex" IS DISTINCT FROM (NEW."sex") OR OLD."street" IS DISTINCT FROM (NEW."street"))', func='INSERT INTO "registration_personevent" ("birth_date", "city", "died_on", "document_country", "document_hash", "document_type", "first_name", "id", "insured_number_hash", "insurer", "last_name", "latin_first_name", "latin_last_name", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "sex", "street") VALUES (NEW."birth_date", NEW."city", NEW."died_on", NEW."document_country", NEW."document_hash", NEW."document_type", NEW."first_name", NEW."id", NEW."insured_number_hash", NEW."insurer", NEW."last_name", NEW."latin_first_name", NEW."latin_last_name", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postcode", NEW."sex", NEW."street"); RETURN NULL;', hash='ef2eaac816028b502f571338d76a63b30d885239', operation='UPDATE', pgid='pgtrigger_update_update_e9892', table='registration_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "registration_registrationevent" ("consented_at", "created_at", "doses_received", "email", "group_id", "id", "language", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "registered_at_site_id", "state") VALUES (NEW."consented_at", NEW."created_at", NEW."doses_received", NEW."email", NEW."group_id", NEW."id", NEW."language", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."registered_at_site_id", NEW."state"); RETURN NULL;', hash='988a45ebe06c94dad8c3b5b998ec90c6247a69d4', operation='INSERT', pgid='pgtrigger_insert_insert_78ec4', table='registration_registration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registration_registrationevent" ("consented_at", "created_at", "doses_received", "email", "group_id", "id", "language", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "registered_at_site_id", "state") VALUES (NEW."consented_at", NEW."created_at", NEW."doses_received", NEW."email", NEW."group_id", NEW."id", NEW."language", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."registered_at_site_id", NEW."state"); RETURN NULL;', hash='af245a3c9afc322e81a5b4a50894e70eb42c996e', operation='UPDATE', pgid='pgtrigger_update_update_30be4', table='registration_registration', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(models.F('insured_number_hash'), condition=models.Q(('insured_number_hash', ''), _negated=True), name='insured_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(models.F('document_hash'), condition=models.Q(models.Q(('document_hash', ''), _negated=True), ('merged_into', None)), name='document_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('insured_number_hash', ''), _negated=True), models.Q(('document_hash', ''), _negated=True), _connector='OR'), name='person_can_be_found'),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.UniqueConstraint(models.F('person'), condition=models.Q(('state', 'CANCELLED'), _negated=True), name='person_has_one_standing_registration'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, help_text='The row that stands for this person now, where there were two.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registration.person', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='personevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='registration.person'),
        ),
    ]
