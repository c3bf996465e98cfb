"""The tables of vaccination."""

import crs.encryption
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import reservation.models
import uuid
from django.conf import settings
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('logistics', '0005_rules_of_doses'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registration', '0002_priority_groups'),
        ('reservation', '0002_staff_arrange_times'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Questionnaire',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(unique=True, verbose_name='version')),
                ('valid_from', models.DateField(verbose_name='valid from')),
            ],
            options={
                'verbose_name': 'questionnaire',
                'verbose_name_plural': 'questionnaires',
                'ordering': ('number',),
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(help_text='The same in each version.', max_length=40, verbose_name='code')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('text_cs', models.CharField(max_length=300, verbose_name='text in Czech')),
                ('text_en', models.CharField(max_length=300, verbose_name='text in English')),
                ('help_cs', models.CharField(blank=True, max_length=300, verbose_name='explanation in Czech')),
                ('help_en', models.CharField(blank=True, max_length=300, verbose_name='explanation in English')),
                (
                    "questionnaire",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='vaccination.questionnaire', verbose_name='questionnaire'),
                ),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ('questionnaire', 'position'),
                "constraints": [
                    models.UniqueConstraint(models.F('questionnaire'), models.F('code'), name='question_is_asked_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='HealthWorker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='With titles, as it is printed.', max_length=120, verbose_name='name')),
                ('register_number', models.CharField(help_text='NRZP, nine digits.', max_length=9, validators=[django.core.validators.RegexValidator('^[0-9]{9}$', 'The number has nine digits.')], verbose_name='number in the register of health workers')),
                ('facility_part', models.CharField(help_text='PČZ, three digits.', max_length=3, validators=[django.core.validators.RegexValidator('^[0-9]{3}$', 'PČZ has three digits.')], verbose_name='part of the facility')),
                ('is_doctor', models.BooleanField(default=False, help_text='Doctors answer for doses.', verbose_name='doctor')),
                ('began_at', models.DateTimeField(verbose_name='since')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='health_workers', to='logistics.vaccinationsite', verbose_name='vaccination site')),
                ('user', models.ForeignKey(blank=True, help_text='Empty: the person does not log in.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='health_workers', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'health worker',
                'verbose_name_plural': 'health workers',
                'ordering': ('name', 'pk'),
                "constraints": [
                    models.UniqueConstraint(models.F('site'), models.F('register_number'), condition=models.Q(('ended_at', None)), name='worker_works_once_at_a_site'),
                    models.UniqueConstraint(models.F('site'), models.F('user'), condition=models.Q(('ended_at', None), ('user__isnull', False)), name='account_is_one_worker_at_a_site'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='worker_has_a_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='As it stands on the door, such as 1 or A.', max_length=40, verbose_name='name')),
                ('closed_at', models.DateTimeField(blank=True, help_text='Not used any more.', null=True, verbose_name='closed at')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='logistics.vaccinationsite', verbose_name='vaccination site')),
            ],
            options={
                'verbose_name': 'station',
                'verbose_name_plural': 'stations',
                'ordering': ('site', 'name'),
                "constraints": [
                    models.UniqueConstraint(models.F('site'), models.F('name'), condition=models.Q(('closed_at', None)), name='station_is_unique'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='station_has_a_name'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VialSession',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('doses', models.PositiveSmallIntegerField(help_text='As drawn; an extra dose counts.', verbose_name='doses in it')),
                ('given', models.PositiveSmallIntegerField(default=0, verbose_name='doses given from it')),
                ('wasted', models.PositiveSmallIntegerField(default=0, verbose_name='doses of it thrown away')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('end', models.CharField(blank=True, choices=[('EMPTY', 'empty'), ('OUT_OF_TIME', 'its time was over'), ('WASTED', 'the rest was thrown away'), ('PUT_ASIDE', 'put aside with doses in it')], max_length=20, verbose_name='end')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vial_sessions', to='logistics.stockitem', verbose_name='opened doses in the stock')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
                ('opening', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='vial_session', to='logistics.stockdocument', verbose_name='opening of the vial')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vials', to='vaccination.station', verbose_name='station')),
            ],
            options={
                'verbose_name': 'vial session',
                'verbose_name_plural': 'vial sessions',
                'ordering': ('-opened_at',),
                "constraints": [
                    models.UniqueConstraint(models.F('station'), condition=models.Q(('ended_at', None)), name='station_has_one_open_vial'),
                    models.CheckConstraint(condition=models.Q(('doses__gte', models.expressions.CombinedExpression(models.F('given'), '+', models.F('wasted')))), name='vial_gives_what_it_holds'),
                    models.CheckConstraint(condition=models.Q(models.Q(('end', ''), ('ended_at', None)), models.Q(('ended_at__isnull', False), models.Q(('end', ''), _negated=True)), _connector='OR'), name='ended_vial_has_its_end'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('day', models.DateField(help_text='The day in Prague on which the person came.', verbose_name='day')),
                ('came_as', models.CharField(choices=[('ON_TIME', 'on time'), ('EARLY', 'early'), ('LATE', 'late'), ('OTHER_DAY', 'on another day'), ('OTHER_SITE', 'at another site'), ('WALK_IN', 'without an appointment')], max_length=10, verbose_name='came')),
                ('state', models.CharField(choices=[('ARRIVED', 'arrived'), ('OBSERVED', 'vaccinated, under observation'), ('GONE', 'vaccinated, gone'), ('SENT_AWAY', 'gone without a dose'), ('UNDONE', 'check-in taken back')], default='ARRIVED', max_length=10, verbose_name='state')),
                ('arrived_at', models.DateTimeField(verbose_name='arrived at')),
                ('identity', models.CharField(choices=[('CITIZEN_CARD', "citizen's card"), ('PASSPORT', 'passport'), ('INSURANCE_CARD', 'insurance card'), ('KNOWN', 'known to the staff'), ('OTHER', 'another way')], max_length=20, verbose_name='identity proved by')),
                ('identity_note', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='how exactly')),
                ('consent', models.CharField(choices=[('SIGNED', 'signed'), ('SPOKEN', 'spoken')], max_length=10, verbose_name='consent')),
                ('claim_proof', models.CharField(choices=[('NOT_NEEDED', 'not needed: the age decides'), ('EMPLOYER', "employer's letter"), ('MEDICAL', 'medical report'), ('OTHER', 'another paper'), ('MISSING', 'no paper was shown')], default='NOT_NEEDED', max_length=10, verbose_name='claim to the group')),
                ('claim_note', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='about the paper')),
                ('over_capacity_reason', models.CharField(blank=True, help_text='Where no free seat was left today.', max_length=200, verbose_name='why over the calendar')),
                ('observe_until', models.DateTimeField(blank=True, null=True, verbose_name='observed until')),
                ('kept_because', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted; the latest reason.', null=True, verbose_name='why observed longer')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left at')),
                ('left_because', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='why gone before the end of the observation')),
                ('sent_away', models.CharField(blank=True, choices=[('MEDICAL', 'postponed for health reasons'), ('DECLINED', 'the person does not want the dose now'), ('NOT_ENTITLED', 'the claim to the group was not proved'), ('NO_VACCINE', 'there is no vaccine for them'), ('OTHER', 'another reason')], max_length=20, verbose_name='why without a dose')),
                ('note', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='note')),
                ('appointment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='reservation.appointment', verbose_name='appointment')),
                ('checked_in_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked in by')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='registration.registration', verbose_name='registration')),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='logistics.vaccinationsite', verbose_name='vaccination site')),
            ],
            options={
                'verbose_name': 'visit',
                'verbose_name_plural': 'visits',
                'ordering': ('-arrived_at',),
                "indexes": [
                    models.Index(fields=['site', 'day'], name='visits_of_a_day'),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F('registration'), models.F('day'), condition=models.Q(('state__in', ('ARRIVED', 'OBSERVED'))), name='person_visits_once_a_day'),
                    models.UniqueConstraint(models.F('appointment'), condition=models.Q(('state__in', ('ARRIVED', 'OBSERVED', 'GONE'))), name='appointment_is_visited_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('identity', 'OTHER'), _negated=True), ('identity_note__isnull', False), _connector='OR'), name='other_identity_has_words'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'SENT_AWAY'), models.Q(('sent_away', ''), _negated=True)), models.Q(models.Q(('state', 'SENT_AWAY'), _negated=True), ('sent_away', '')), _connector='OR'), name='sent_away_has_a_reason'),
                    models.CheckConstraint(condition=models.Q(models.Q(('state', 'OBSERVED'), _negated=True), ('observe_until__isnull', False), _connector='OR'), name='observed_until_some_time'),
                    models.CheckConstraint(condition=models.Q(models.Q(('left_at__isnull', False), ('state__in', ('GONE', 'SENT_AWAY'))), models.Q(models.Q(('state__in', ('GONE', 'SENT_AWAY')), _negated=True), ('left_at', None)), _connector='OR'), name='whoever_left_has_a_time'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Dose',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('given_at', models.DateTimeField(verbose_name='given at')),
                ('given_on', models.GeneratedField(db_persist=True, expression=reservation.models.PragueDate('given_at'), output_field=models.DateField(verbose_name='given on'))),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('where', models.CharField(blank=True, choices=[('LEFT_ARM', 'left arm'), ('RIGHT_ARM', 'right arm'), ('LEFT_THIGH', 'left thigh'), ('RIGHT_THIGH', 'right thigh')], max_length=20, verbose_name='where')),
                ('is_dominant_side', models.BooleanField(blank=True, null=True, verbose_name='dominant side')),
                ('source', models.CharField(choices=[('SITE', 'a site of ours'), ('ELSEWHERE', 'given elsewhere')], default='SITE', max_length=10, verbose_name='source')),
                ('state', models.CharField(choices=[('VALID', 'given'), ('IN_ERROR', 'entered in error')], default='VALID', max_length=10, verbose_name='state')),
                ('error', models.CharField(blank=True, choices=[('WRONG_PERSON', 'another person was vaccinated'), ('NEVER_GIVEN', 'the dose was not given'), ('TWICE', 'recorded twice'), ('OTHER', 'another reason')], max_length=20, verbose_name='error')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given_doses', to='logistics.batch', verbose_name='batch')),
                ('consumption', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dose', to='logistics.stockdocument', verbose_name='stock document')),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='doses', to='registration.person', verbose_name='person')),
                ('recorded_by', models.ForeignKey(blank=True, help_text='Empty: a machine.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('registration', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='doses', to='registration.registration', verbose_name='registration')),
                ('site', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given_doses', to='logistics.vaccinationsite', verbose_name='vaccination site')),
                ('vaccine', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='given_doses', to='logistics.vaccine', verbose_name='vaccine')),
                (
                    "doctor",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vaccination.healthworker', verbose_name='doctor who answers for it'),
                ),
                (
                    "given_by",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vaccination.healthworker', verbose_name='given by'),
                ),
                (
                    "vial",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given_doses', to='vaccination.vialsession', verbose_name='vial'),
                ),
                (
                    "visit",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='doses', to='vaccination.visit', verbose_name='visit'),
                ),
            ],
            options={
                'verbose_name': 'dose',
                'verbose_name_plural': 'doses',
                'ordering': ('person', 'number'),
                "indexes": [
                    models.Index(fields=['site', 'given_on'], name='doses_of_a_day'),
                    models.Index(fields=['person', 'number'], name='doses_of_a_person'),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F('person'), models.F('number'), condition=models.Q(('state', 'VALID')), name='dose_number_is_unique'),
                    models.UniqueConstraint(models.F('person'), models.F('given_on'), condition=models.Q(('state', 'VALID')), name='one_dose_a_day'),
                    models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='dose_number_is_positive'),
                    models.CheckConstraint(condition=models.Q(('given_at__lte', models.F('recorded_at'))), name='dose_is_not_from_the_future'),
                    models.CheckConstraint(condition=models.Q(models.Q(('error', ''), ('state', 'VALID')), models.Q(('state', 'IN_ERROR'), models.Q(('error', ''), _negated=True)), _connector='OR'), name='error_has_a_reason'),
                    models.UniqueConstraint(models.F('visit'), condition=models.Q(('state', 'VALID'), ('visit__isnull', False)), name='one_dose_a_visit'),
                    models.CheckConstraint(condition=models.Q(models.Q(('source', 'SITE'), _negated=True), models.Q(('batch__isnull', False), ('consumption__isnull', False), ('doctor__isnull', False), ('given_by__isnull', False), ('site__isnull', False), models.Q(('vial__isnull', False), ('visit', None), _connector='OR'), models.Q(('where', ''), _negated=True)), _connector='OR'), name='dose_of_a_site_is_complete'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AdverseEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('seriousness', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('DEATH', 'death'), ('LIFE_THREATENING', 'life-threatening'), ('HOSPITALISATION', 'hospitalisation, or a longer one'), ('DISABILITY', 'lasting disability'), ('CONGENITAL', 'congenital anomaly'), ('IMPORTANT', 'otherwise medically important')], max_length=20), blank=True, default=list, size=None, verbose_name='serious because')),
                ('intensity', models.CharField(choices=[('MILD', 'mild'), ('MODERATE', 'moderate'), ('SEVERE', 'severe')], max_length=10, verbose_name='intensity')),
                ('cause', models.CharField(choices=[('PRODUCT', 'the vaccine'), ('QUALITY', 'a defect of its quality'), ('ERROR', 'an error of immunization'), ('ANXIETY', 'anxiety, fainting'), ('COINCIDENTAL', 'a coincidence'), ('UNKNOWN', 'not known')], default='UNKNOWN', max_length=20, verbose_name='cause')),
                ('is_unexpected', models.BooleanField(default=False, help_text='Not in the product information.', verbose_name='unexpected')),
                ('narrative', crs.encryption.EncryptedTextField(help_text='Encrypted.', verbose_name='what happened')),
                ('treatment', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='treatment')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('state', models.CharField(choices=[('REPORTED', 'reported'), ('NULLIFIED', 'nullified')], default='REPORTED', max_length=10, verbose_name='state')),
                ('nullified_because', crs.encryption.EncryptedTextField(blank=True, help_text='Encrypted.', null=True, verbose_name='why nullified')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                (
                    "dose",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adverse_events', to='vaccination.dose', verbose_name='dose'),
                ),
                (
                    "reporter",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vaccination.healthworker', verbose_name='reported by'),
                ),
            ],
            options={
                'verbose_name': 'adverse event',
                'verbose_name_plural': 'adverse events',
                'ordering': ('-recorded_at',),
            },
        ),
        migrations.CreateModel(
            name='AdverseEventAddition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', crs.encryption.EncryptedTextField(help_text='Encrypted.', verbose_name='text')),
                ('added_at', models.DateTimeField(verbose_name='added at')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='added by')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='additions', to='vaccination.adverseevent', verbose_name='adverse event')),
            ],
            options={
                'verbose_name': 'addition to an adverse event',
                'verbose_name_plural': 'additions to adverse events',
                'ordering': ('added_at',),
            },
        ),
        migrations.CreateModel(
            name='AdverseEventEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, serialize=False)),
                ('seriousness', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('DEATH', 'death'), ('LIFE_THREATENING', 'life-threatening'), ('HOSPITALISATION', 'hospitalisation, or a longer one'), ('DISABILITY', 'lasting disability'), ('CONGENITAL', 'congenital anomaly'), ('IMPORTANT', 'otherwise medically important')], max_length=20), blank=True, default=list, size=None, verbose_name='serious because')),
                ('intensity', models.CharField(choices=[('MILD', 'mild'), ('MODERATE', 'moderate'), ('SEVERE', 'severe')], max_length=10, verbose_name='intensity')),
                ('cause', models.CharField(choices=[('PRODUCT', 'the vaccine'), ('QUALITY', 'a defect of its quality'), ('ERROR', 'an error of immunization'), ('ANXIETY', 'anxiety, fainting'), ('COINCIDENTAL', 'a coincidence'), ('UNKNOWN', 'not known')], default='UNKNOWN', max_length=20, verbose_name='cause')),
                ('is_unexpected', models.BooleanField(default=False, help_text='Not in the product information.', verbose_name='unexpected')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('state', models.CharField(choices=[('REPORTED', 'reported'), ('NULLIFIED', 'nullified')], default='REPORTED', max_length=10, verbose_name='state')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='vaccination.adverseevent')),
                ('recorded_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('dose', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.dose', verbose_name='dose')),
                ('reporter', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.healthworker', verbose_name='reported by')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ObservationTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes')),
                ('site', models.ForeignKey(blank=True, help_text='Empty: all sites.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='observation_times', to='logistics.vaccinationsite', verbose_name='vaccination site')),
            ],
            options={
                'verbose_name': 'time of observation',
                'verbose_name_plural': 'times of observation',
                'ordering': ('site', 'valid_from'),
                "constraints": [
                    models.UniqueConstraint(models.F('site'), models.F('valid_from'), name='observation_time_is_unique', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(('minutes__gte', 15)), name='observation_is_15_minutes_at_least'),
                ],
            },
        ),
        migrations.CreateModel(
            name='AnswerEffect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answer', models.CharField(choices=[('YES', 'yes'), ('NO', 'no'), ('UNSURE', 'I do not know')], default='YES', max_length=10, verbose_name='answer')),
                ('platform', models.CharField(blank=True, choices=[('MRNA', 'mRNA'), ('VECTOR', 'viral vector'), ('PROTEIN', 'protein')], help_text='Empty: any.', max_length=10, verbose_name='kind of vaccine')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('kind', models.CharField(choices=[('NONE', 'nothing'), ('WARN', 'warning'), ('STOP', 'stop')], max_length=10, verbose_name='effect')),
                ('advice_cs', models.CharField(blank=True, max_length=300, verbose_name='advice in Czech')),
                ('advice_en', models.CharField(blank=True, max_length=300, verbose_name='advice in English')),
                ('observe_minutes', models.PositiveSmallIntegerField(blank=True, help_text='At least; empty: the usual time.', null=True, verbose_name='observation (minutes)')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='effects', to='vaccination.question', verbose_name='question')),
            ],
            options={
                'verbose_name': 'effect of an answer',
                'verbose_name_plural': 'effects of answers',
                'ordering': ('question', 'answer', 'platform', 'valid_from'),
                "constraints": [
                    models.UniqueConstraint(models.F('question'), models.F('answer'), models.F('platform'), models.F('valid_from'), name='effect_is_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', crs.encryption.EncryptedTextField(help_text='In the words of the reporter (E.i.1.1a), at most 50 characters; encrypted.', verbose_name='reaction')),
                ('started_at', models.DateTimeField(verbose_name='began at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('outcome', models.CharField(choices=[('1', 'recovered'), ('2', 'recovering'), ('3', 'not recovered'), ('4', 'recovered with sequelae'), ('5', 'fatal'), ('0', 'unknown')], default='0', max_length=1, verbose_name='outcome')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reactions', to='vaccination.adverseevent', verbose_name='adverse event')),
            ],
            options={
                'verbose_name': 'reaction',
                'verbose_name_plural': 'reactions',
                'ordering': ('event', 'started_at', 'pk'),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='reaction_ends_after_it_began'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RuleOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(help_text='Code of the guard (vaccination/doses/guards.py).', max_length=40, verbose_name='rule')),
                ('finding', crs.encryption.EncryptedTextField(verbose_name='what the rule said')),
                ('reason', crs.encryption.EncryptedTextField(verbose_name='reason')),
                ('overridden_at', models.DateTimeField(verbose_name='overridden at')),
                ('doctor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='vaccination.healthworker', verbose_name='doctor')),
                ('dose', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='vaccination.dose', verbose_name='dose')),
                ('overridden_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='overridden by')),
            ],
            options={
                'verbose_name': 'override of a rule',
                'verbose_name_plural': 'overrides of rules',
                'ordering': ('-overridden_at',),
                "constraints": [
                    models.UniqueConstraint(models.F('dose'), models.F('rule'), name='rule_is_overridden_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='TimelineOpening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField(verbose_name='opened at')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timeline_openings', to='registration.person', verbose_name='person')),
                ('site', models.ForeignKey(blank=True, help_text='For which the user worked; empty: for the ministry.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='logistics.vaccinationsite', verbose_name='vaccination site')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='opened by')),
            ],
            options={
                'verbose_name': 'opening of a timeline',
                'verbose_name_plural': 'openings of timelines',
                'ordering': ('-opened_at',),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='opening_has_a_reason'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VialWaste',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('doses', models.PositiveSmallIntegerField(verbose_name='doses')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vial_wastes', to='logistics.stockdocument', verbose_name='stock document')),
                ('vial', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wastes', to='vaccination.vialsession', verbose_name='vial session')),
            ],
            options={
                'verbose_name': 'waste of a vial',
                'verbose_name_plural': 'wastes of vials',
                'ordering': ('document', 'vial'),
                "constraints": [
                    models.UniqueConstraint(models.F('vial'), models.F('document'), name='vial_is_wasted_once_by_a_document'),
                    models.CheckConstraint(condition=models.Q(('doses__gt', 0)), name='waste_of_a_vial_is_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='FilledQuestionnaire',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dose_number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('answers', crs.encryption.EncryptedTextField(help_text='JSON: code of the question to answer and words.', verbose_name='answers')),
                ('filled_at', models.DateTimeField(verbose_name='filled in at')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmed at')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('filled_by', models.ForeignKey(blank=True, help_text='Empty: the person at home.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='filled in by')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filled_questionnaires', to='registration.registration', verbose_name='registration')),
                ('questionnaire', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='filled', to='vaccination.questionnaire', verbose_name='questionnaire')),
                ('visit', models.ForeignKey(blank=True, help_text='The visit in which it was confirmed.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='filled_questionnaires', to='vaccination.visit', verbose_name='visit')),
            ],
            options={
                'verbose_name': 'filled questionnaire',
                'verbose_name_plural': 'filled questionnaires',
                'ordering': ('-filled_at',),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('visit', None)), models.Q(('confirmed_at__isnull', False), ('visit__isnull', False)), _connector='OR'), name='answers_are_confirmed_in_a_visit'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DoseEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, serialize=False)),
                ('number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('given_at', models.DateTimeField(verbose_name='given at')),
                ('given_on', models.GeneratedField(db_persist=True, expression=reservation.models.PragueDate('given_at'), output_field=models.DateField(verbose_name='given on'))),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('where', models.CharField(blank=True, choices=[('LEFT_ARM', 'left arm'), ('RIGHT_ARM', 'right arm'), ('LEFT_THIGH', 'left thigh'), ('RIGHT_THIGH', 'right thigh')], max_length=20, verbose_name='where')),
                ('is_dominant_side', models.BooleanField(blank=True, null=True, verbose_name='dominant side')),
                ('source', models.CharField(choices=[('SITE', 'a site of ours'), ('ELSEWHERE', 'given elsewhere')], default='SITE', max_length=10, verbose_name='source')),
                ('state', models.CharField(choices=[('VALID', 'given'), ('IN_ERROR', 'entered in error')], default='VALID', max_length=10, verbose_name='state')),
                ('error', models.CharField(blank=True, choices=[('WRONG_PERSON', 'another person was vaccinated'), ('NEVER_GIVEN', 'the dose was not given'), ('TWICE', 'recorded twice'), ('OTHER', 'another reason')], max_length=20, verbose_name='error')),
                ('batch', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.batch', verbose_name='batch')),
                ('consumption', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.stockdocument', verbose_name='stock document')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registration.person', verbose_name='person')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='vaccination.dose')),
                ('recorded_by', models.ForeignKey(blank=True, db_constraint=False, help_text='Empty: a machine.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('registration', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registration.registration', verbose_name='registration')),
                ('site', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccinationsite', verbose_name='vaccination site')),
                ('vaccine', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccine', verbose_name='vaccine')),
                ('doctor', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.healthworker', verbose_name='doctor who answers for it')),
                ('given_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.healthworker', verbose_name='given by')),
                ('vial', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.vialsession', verbose_name='vial')),
                ('visit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.visit', verbose_name='visit')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='VisitEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, serialize=False)),
                ('day', models.DateField(help_text='The day in Prague on which the person came.', verbose_name='day')),
                ('came_as', models.CharField(choices=[('ON_TIME', 'on time'), ('EARLY', 'early'), ('LATE', 'late'), ('OTHER_DAY', 'on another day'), ('OTHER_SITE', 'at another site'), ('WALK_IN', 'without an appointment')], max_length=10, verbose_name='came')),
                ('state', models.CharField(choices=[('ARRIVED', 'arrived'), ('OBSERVED', 'vaccinated, under observation'), ('GONE', 'vaccinated, gone'), ('SENT_AWAY', 'gone without a dose'), ('UNDONE', 'check-in taken back')], default='ARRIVED', max_length=10, verbose_name='state')),
                ('arrived_at', models.DateTimeField(verbose_name='arrived at')),
                ('identity', models.CharField(choices=[('CITIZEN_CARD', "citizen's card"), ('PASSPORT', 'passport'), ('INSURANCE_CARD', 'insurance card'), ('KNOWN', 'known to the staff'), ('OTHER', 'another way')], max_length=20, verbose_name='identity proved by')),
                ('consent', models.CharField(choices=[('SIGNED', 'signed'), ('SPOKEN', 'spoken')], max_length=10, verbose_name='consent')),
                ('claim_proof', models.CharField(choices=[('NOT_NEEDED', 'not needed: the age decides'), ('EMPLOYER', "employer's letter"), ('MEDICAL', 'medical report'), ('OTHER', 'another paper'), ('MISSING', 'no paper was shown')], default='NOT_NEEDED', max_length=10, verbose_name='claim to the group')),
                ('over_capacity_reason', models.CharField(blank=True, help_text='Where no free seat was left today.', max_length=200, verbose_name='why over the calendar')),
                ('observe_until', models.DateTimeField(blank=True, null=True, verbose_name='observed until')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left at')),
                ('sent_away', models.CharField(blank=True, choices=[('MEDICAL', 'postponed for health reasons'), ('DECLINED', 'the person does not want the dose now'), ('NOT_ENTITLED', 'the claim to the group was not proved'), ('NO_VACCINE', 'there is no vaccine for them'), ('OTHER', 'another reason')], max_length=20, verbose_name='why without a dose')),
                ('appointment', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reservation.appointment', verbose_name='appointment')),
                ('checked_in_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked in by')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='vaccination.visit')),
                ('registration', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registration.registration', verbose_name='registration')),
                ('site', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccinationsite', verbose_name='vaccination site')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DayClosing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='day')),
                ('closed_at', models.DateTimeField(verbose_name='closed at')),
                ('expected', models.PositiveIntegerField(verbose_name='people expected')),
                ('vaccinated', models.PositiveIntegerField(verbose_name='people vaccinated')),
                ('missed', models.PositiveIntegerField(verbose_name='people who did not come')),
                ('doses_given', models.PositiveIntegerField(verbose_name='doses given')),
                ('doses_consumed', models.PositiveIntegerField(verbose_name='doses taken from the stock')),
                ('doses_wasted', models.PositiveIntegerField(verbose_name='doses thrown away')),
                ('explanation', models.CharField(blank=True, max_length=300, verbose_name='explanation of the difference')),
                ('reopened_at', models.DateTimeField(blank=True, null=True, verbose_name='reopened at')),
                ('reopening_reason', models.CharField(blank=True, max_length=300, verbose_name='why it was reopened')),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='closed by')),
                ('reopened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reopened by')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='logistics.vaccinationsite', verbose_name='vaccination site')),
            ],
            options={
                'verbose_name': 'closing of a day',
                'verbose_name_plural': 'closings of days',
                'ordering': ('-day', '-closed_at'),
                'constraints': [models.UniqueConstraint(models.F('site'), models.F('day'), condition=models.Q(('reopened_at', None)), name='day_is_closed_once'), models.CheckConstraint(condition=models.Q(('doses_given', models.F('doses_consumed')), models.Q(('explanation', ''), _negated=True), _connector='OR'), name='difference_is_explained'), models.CheckConstraint(condition=models.Q(models.Q(('reopened_at', None), ('reopening_reason', '')), models.Q(('reopened_at__isnull', False), models.Q(('reopening_reason', ''), _negated=True)), _connector='OR'), name='reopening_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='ReactionEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('started_at', models.DateTimeField(verbose_name='began at')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended at')),
                ('outcome', models.CharField(choices=[('1', 'recovered'), ('2', 'recovering'), ('3', 'not recovered'), ('4', 'recovered with sequelae'), ('5', 'fatal'), ('0', 'unknown')], default='0', max_length=1, verbose_name='outcome')),
                (
                    "event",
                    models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='vaccination.adverseevent', verbose_name='adverse event'),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='vaccination.reaction'),
                ),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='adverseevent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vaccination_adverseeventevent" ("cause", "dose_id", "id", "intensity", "is_unexpected", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "reporter_id", "seriousness", "state") VALUES (NEW."cause", NEW."dose_id", NEW."id", NEW."intensity", NEW."is_unexpected", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."reporter_id", NEW."seriousness", NEW."state"); RETURN NULL;', hash='f63ba8117ed15df5ab2c913915b4fc6ecbd848c1', operation='INSERT', pgid='pgtrigger_insert_insert_8a9bd', table='vaccination_adverseevent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='adverseevent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."cause" IS DISTINCT FROM (NEW."cause") OR OLD."dose_id" IS DISTINCT FROM (NEW."dose_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."intensity" IS DISTINCT FROM (NEW."intensity") OR OLD."is_unexpected" IS DISTINCT FROM (NEW."is_unexpected") OR OLD."recorded_at" IS DISTINCT FROM (NEW."recorded_at") OR OLD."recorded_by_id" IS DISTINCT FROM (NEW."recorded_by_id") OR OLD."reporter_id" IS DISTINCT FROM (NEW."reporter_id") OR OLD."seriousness" IS DISTINCT FROM (NEW."seriousness") OR OLD."state" IS DISTINCT FROM (NEW."state"))', func='INSERT INTO "vaccination_adverseeventevent" ("cause", "dose_id", "id", "intensity", "is_unexpected", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "reporter_id", "seriousness", "state") VALUES (NEW."cause", NEW."dose_id", NEW."id", NEW."intensity", NEW."is_unexpected", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."reporter_id", NEW."seriousness", NEW."state"); RETURN NULL;', hash='a742f177d4353d785c0d4c27909bbeab58d3910f', operation='UPDATE', pgid='pgtrigger_update_update_15eeb', table='vaccination_adverseevent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='timelineopening',
            trigger=pgtrigger.compiler.Trigger(name='never_edited', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8b4fa669e1a12132c5f773466214664765590846', operation='UPDATE OR DELETE', pgid='pgtrigger_never_edited_ef063', table='vaccination_timelineopening', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vaccination_visitevent" ("appointment_id", "arrived_at", "came_as", "checked_in_by_id", "claim_proof", "consent", "day", "id", "identity", "left_at", "observe_until", "over_capacity_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "sent_away", "site_id", "state") VALUES (NEW."appointment_id", NEW."arrived_at", NEW."came_as", NEW."checked_in_by_id", NEW."claim_proof", NEW."consent", NEW."day", NEW."id", NEW."identity", NEW."left_at", NEW."observe_until", NEW."over_capacity_reason", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."sent_away", NEW."site_id", NEW."state"); RETURN NULL;', hash='67ea0b3b58d21cd7f6eebcec61ef0d0cec979aec', operation='INSERT', pgid='pgtrigger_insert_insert_153b6', table='vaccination_visit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='visit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."appointment_id" IS DISTINCT FROM (NEW."appointment_id") OR OLD."arrived_at" IS DISTINCT FROM (NEW."arrived_at") OR OLD."came_as" IS DISTINCT FROM (NEW."came_as") OR OLD."checked_in_by_id" IS DISTINCT FROM (NEW."checked_in_by_id") OR OLD."claim_proof" IS DISTINCT FROM (NEW."claim_proof") OR OLD."consent" IS DISTINCT FROM (NEW."consent") OR OLD."day" IS DISTINCT FROM (NEW."day") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."identity" IS DISTINCT FROM (NEW."identity") OR OLD."left_at" IS DISTINCT FROM (NEW."left_at") OR OLD."observe_until" IS DISTINCT FROM (NEW."observe_until") OR OLD."over_capacity_reason" IS DISTINCT FROM (NEW."over_capacity_reason") OR OLD."registration_id" IS DISTINCT FROM (NEW."registration_id") OR OLD."sent_away" IS DISTINCT FROM (NEW."sent_away") OR OLD."site_id" IS DISTINCT FROM (NEW."site_id") OR OLD."state" IS DISTINCT FROM (NEW."state"))', func='INSERT INTO "vaccination_visitevent" ("appointment_id", "arrived_at", "came_as", "checked_in_by_id", "claim_proof", "consent", "day", "id", "identity", "left_at", "observe_until", "over_capacity_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "sent_away", "site_id", "state") VALUES (NEW."appointment_id", NEW."arrived_at", NEW."came_as", NEW."checked_in_by_id", NEW."claim_proof", NEW."consent", NEW."day", NEW."id", NEW."identity", NEW."left_at", NEW."observe_until", NEW."over_capacity_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."sent_away", NEW."site_id", NEW."state"); RETURN NULL;', hash='26204ba65428b3c2e45131f0d3c8b3358e610e44', operation='UPDATE', pgid='pgtrigger_update_update_fad26', table='vaccination_visit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dose',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vaccination_doseevent" ("batch_id", "consumption_id", "doctor_id", "error", "given_at", "given_by_id", "id", "is_dominant_side", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "registration_id", "site_id", "source", "state", "vaccine_id", "vial_id", "visit_id", "where") VALUES (NEW."batch_id", NEW."consumption_id", NEW."doctor_id", NEW."error", NEW."given_at", NEW."given_by_id", NEW."id", NEW."is_dominant_side", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."registration_id", NEW."site_id", NEW."source", NEW."state", NEW."vaccine_id", NEW."vial_id", NEW."visit_id", NEW."where"); RETURN NULL;', hash='ca5d1b3108c7cad817f447f8f83af607fa05171e', operation='INSERT', pgid='pgtrigger_insert_insert_354bf', table='vaccination_dose', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dose',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "vaccination_doseevent" ("batch_id", "consumption_id", "doctor_id", "error", "given_at", "given_by_id", "id", "is_dominant_side", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_at", "recorded_by_id", "registration_id", "site_id", "source", "state", "vaccine_id", "vial_id", "visit_id", "where") VALUES (NEW."batch_id", NEW."consumption_id", NEW."doctor_id", NEW."error", NEW."given_at", NEW."given_by_id", NEW."id", NEW."is_dominant_side", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_at", NEW."recorded_by_id", NEW."registration_id", NEW."site_id", NEW."source", NEW."state", NEW."vaccine_id", NEW."vial_id", NEW."visit_id", NEW."where"); RETURN NULL;', hash='9856cd4589e121e6ba88fb989534a94e9566707a', operation='UPDATE', pgid='pgtrigger_update_update_fb20a', table='vaccination_dose', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reaction',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "vaccination_reactionevent" ("ended_at", "event_id", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at") VALUES (NEW."ended_at", NEW."event_id", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."started_at"); RETURN NULL;', hash='dd1e7028f967760136a35cefd1a161b0afa5eae2', operation='INSERT', pgid='pgtrigger_insert_insert_c3cf6', table='vaccination_reaction', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reaction',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."event_id" IS DISTINCT FROM (NEW."event_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at"))', func='INSERT INTO "vaccination_reactionevent" ("ended_at", "event_id", "id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "started_at") VALUES (NEW."ended_at", NEW."event_id", NEW."id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."started_at"); RETURN NULL;', hash='7fdaa89972733937b8bc490f94c61b306af05056', operation='UPDATE', pgid='pgtrigger_update_update_185ea', table='vaccination_reaction', when='AFTER')),
        ),
        frozen(__file__, "keep_doses"),
        frozen(__file__, "dose_facts"),
    ]
