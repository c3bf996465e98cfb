"""The tables of logistics, the history of them, and the functions by which movements keep the balances."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import logistics.models.sites
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Vaccine',
            fields=[
                ('code', models.SlugField(max_length=30, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(help_text='The name people know, such as Comirnaty.', max_length=60, verbose_name='name')),
                ('doses', models.PositiveSmallIntegerField(default=2, verbose_name='doses in the series')),
                ('manufacturer', models.CharField(blank=True, max_length=60, verbose_name='manufacturer')),
                ('published_name', models.CharField(blank=True, help_text='As the ministry writes it in its files, such as COVID-19 Vaccine Moderna.', max_length=60, verbose_name='name in open data')),
                ('youngest_age', models.PositiveSmallIntegerField(default=18, verbose_name='from the age of')),
                ('diluent', models.CharField(blank=True, help_text='Such as 1.8 ml NaCl 0.9 %; empty where none is needed.', max_length=60, verbose_name='dilution')),
                ('dose_millilitres', models.DecimalField(decimal_places=2, default='0.5', max_digits=4, verbose_name='dose (ml)')),
            ],
            options={
                'verbose_name': 'vaccine',
                'verbose_name_plural': 'vaccines',
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(blank=True, help_text='As printed on the vial. Empty: the batch is not published.', max_length=20, validators=[django.core.validators.RegexValidator('^[A-Z0-9-]{3,20}$', '3 to 20 capital letters, digits or hyphens.')], verbose_name='batch number')),
                ('expires_on', models.DateField(blank=True, help_text='The last day on which it may be used, as printed or extended.', null=True, verbose_name='expiry')),
                ('blocked_at', models.DateTimeField(blank=True, null=True, verbose_name='blocked at')),
                ('block_reason', models.CharField(blank=True, max_length=300, verbose_name='reason of the block')),
                (
                    "vaccine",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='logistics.vaccine', verbose_name='vaccine'),
                ),
            ],
            options={
                'verbose_name': 'batch',
                'verbose_name_plural': 'batches',
                'ordering': ('vaccine', 'number'),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('expires_on__isnull', True), ('number', '')), models.Q(models.Q(('number', ''), _negated=True), ('expires_on__isnull', False)), _connector='OR'), name='numbered_batch_expires'),
                    models.CheckConstraint(condition=models.Q(models.Q(('block_reason', ''), ('blocked_at__isnull', True)), models.Q(('blocked_at__isnull', False), models.Q(('block_reason', ''), _negated=True)), _connector='OR'), name='block_has_a_reason'),
                    models.UniqueConstraint(models.F('vaccine'), models.F('number'), name='batch_is_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Material',
            fields=[
                ('code', models.SlugField(max_length=30, primary_key=True, serialize=False, verbose_name='code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('name_cs', models.CharField(max_length=60, verbose_name='Czech name')),
            ],
            options={
                'verbose_name': 'material',
                'verbose_name_plural': 'materials',
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(help_text='NUTS3, such as CZ064.', max_length=5, primary_key=True, serialize=False, verbose_name='NUTS3 code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
            ],
            options={
                'verbose_name': 'region',
                'verbose_name_plural': 'regions',
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='District',
            fields=[
                ('code', models.CharField(help_text="The region's NUTS3 code and one character, such as CZ020A.", max_length=6, primary_key=True, serialize=False, verbose_name='LAU1 code')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='districts', to='logistics.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'district',
                'verbose_name_plural': 'districts',
                'ordering': ('code',),
            },
        ),
        migrations.CreateModel(
            name='VaccinationSite',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, help_text="The site's identifier in the ministry's open data.", primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                ('latitude', models.DecimalField(blank=True, decimal_places=7, max_digits=9, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=7, max_digits=10, null=True, verbose_name='longitude')),
                ('kind', models.CharField(blank=True, choices=[('STANDARD', 'vaccination site'), ('LARGE', 'large-capacity site'), ('DISTRIBUTION', 'distribution site'), ('SELF_PAYING', 'site for self-payers'), ('ARMY', 'army site'), ('UNIVERSITY', 'university site')], default='STANDARD', help_text='Empty means unknown.', max_length=20, verbose_name='type')),
                ('state', models.CharField(choices=[('PREPARING', 'in preparation'), ('OPEN', 'open'), ('PAUSED', 'paused'), ('CLOSED', 'closed')], default='OPEN', max_length=10, verbose_name='state')),
                ('is_public', models.BooleanField(default=True, help_text='Whether the site has a page for everybody and stands in the lists.', verbose_name='public')),
                ('facility_code', models.CharField(blank=True, help_text='NRPZS code of the health facility, 11 digits, zero-padded.', max_length=14, verbose_name='facility code')),
                ('company_number', models.CharField(blank=True, help_text='Identification number of the provider, 8 digits.', max_length=8, validators=[logistics.models.sites.check_company_number], verbose_name='IČO')),
                ('minimal_capacity', models.PositiveIntegerField(default=0, help_text='Doses a day that the site can give at least.', verbose_name='minimal capacity')),
                ('daily_capacity', models.PositiveIntegerField(blank=True, help_text='Doses a day that the site can give at most.', null=True, verbose_name='daily capacity')),
                ('is_step_free', models.BooleanField(blank=True, help_text='Empty means unknown.', null=True, verbose_name='step-free')),
                ('opens_at', models.TimeField(default='08:00', verbose_name='opens at')),
                ('closes_at', models.TimeField(default='16:00', verbose_name='closes at')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('link', models.URLField(blank=True, verbose_name='web page')),
                ('description', models.TextField(blank=True, help_text='What people should know of the site.', verbose_name='description')),
                ('youngest_age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='from the age of')),
                ('oldest_age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='up to the age of')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('cs', 'Czech'), ('en', 'English'), ('sk', 'Slovak'), ('uk', 'Ukrainian'), ('ru', 'Russian'), ('vi', 'Vietnamese'), ('de', 'German'), ('pl', 'Polish'), ('rom', 'Romani')], max_length=3), blank=True, default=list, size=None, verbose_name='languages')),
                ('has_parking', models.BooleanField(blank=True, help_text='Empty means unknown.', null=True, verbose_name='parking')),
                ('is_drive_in', models.BooleanField(default=False, verbose_name='drive-in')),
                ('has_mobile_team', models.BooleanField(default=False, help_text='Whether a team of the site goes to people who cannot come.', verbose_name='mobile team')),
                ('notes', models.TextField(blank=True, help_text='How to find the entrance, where to park.', verbose_name='public notes')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sites', to='logistics.district', verbose_name='district')),
                ('region', models.ForeignKey(blank=True, help_text='Only where the district is not known; else the district says it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sites_without_district', to='logistics.region', verbose_name='region')),
                ('vaccines', models.ManyToManyField(blank=True, related_name='sites', to='logistics.vaccine', verbose_name='vaccines')),
            ],
            options={
                'verbose_name': 'vaccination site',
                'verbose_name_plural': 'vaccination sites',
                'ordering': ('name',),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(('opens_at__lt', models.F('closes_at'))), name='site_opens_before_it_closes', violation_error_message='A site must open before it closes.'),
                    models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='site_has_a_name'),
                    models.CheckConstraint(condition=models.Q(models.Q(('district__isnull', False), ('region__isnull', True)), models.Q(('district__isnull', True), ('region__isnull', False)), _connector='OR'), name='site_lies_in_one_region', violation_error_message='Choose a district; or a region where the district is not known.'),
                    models.CheckConstraint(condition=models.Q(('youngest_age__isnull', True), ('oldest_age__isnull', True), ('youngest_age__lte', models.F('oldest_age')), _connector='OR'), name='site_ages_are_ordered', violation_error_message='The ages must rise: from, up to.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StaffRole',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('MANAGER', 'site manager'), ('REGISTRAR', 'registrar'), ('VACCINATOR', 'vaccinator'), ('STOCK_KEEPER', 'stock keeper'), ('IT', 'IT of the site'), ('REGION', 'regional coordinator'), ('DISTRIBUTOR', 'distributor'), ('MINISTRY', 'ministry')], max_length=20, verbose_name='role')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='staff', to='logistics.region', verbose_name='region')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff_roles', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                (
                    "site",
                    models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='staff', to='logistics.vaccinationsite', verbose_name='site'),
                ),
            ],
            options={
                'verbose_name': 'role of a user',
                'verbose_name_plural': 'roles of users',
                'ordering': ('user', 'role', 'site', 'region'),
                "constraints": [
                    models.UniqueConstraint(models.F('user'), models.F('role'), models.F('site'), models.F('region'), name='role_is_given_once', nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(models.Q(('region__isnull', True), ('role__in', ('MANAGER', 'REGISTRAR', 'VACCINATOR', 'STOCK_KEEPER', 'IT')), ('site__isnull', False)), models.Q(('region__isnull', False), ('role', 'REGION'), ('site__isnull', True)), models.Q(('region__isnull', True), ('role__in', ('DISTRIBUTOR', 'MINISTRY')), ('site__isnull', True)), _connector='OR'), name='role_fits_its_place', violation_error_message='A role at a site needs the site, a regional one the region, others neither.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('DISTRIBUTOR', 'distributor'), ('REGION', 'region'), ('SITE', 'vaccination site')], max_length=20, verbose_name='kind')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('region', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='store', to='logistics.region', verbose_name='region')),
                (
                    "site",
                    models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='store', to='logistics.vaccinationsite', verbose_name='site'),
                ),
            ],
            options={
                'verbose_name': 'store',
                'verbose_name_plural': 'stores',
                'ordering': ('name',),
                "constraints": [
                    models.UniqueConstraint(models.F('name'), condition=models.Q(('kind', 'DISTRIBUTOR')), name='distributor_is_unique'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'SITE'), ('region__isnull', True), ('site__isnull', False)), models.Q(('kind', 'REGION'), ('region__isnull', False), ('site__isnull', True)), models.Q(('kind', 'DISTRIBUTOR'), ('region__isnull', True), ('site__isnull', True)), _connector='OR'), name='store_has_its_place'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StockDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('ESTABLISHMENT', 'store established'), ('RECEIPT', 'receipt'), ('DISPATCH', 'dispatch to another store'), ('DELIVERY', 'delivery from another store'), ('ISSUE', 'issue out of the network'), ('STORAGE', 'change of storage'), ('OPENING', 'opening of vials'), ('CONSUMPTION', 'doses used'), ('WASTE', 'waste'), ('STOCKTAKE', 'stocktake'), ('REVERSAL', 'reversal')], max_length=20, verbose_name='kind')),
                ('outside_party', models.CharField(blank=True, help_text='Of a receipt or an issue, outside CRS.', max_length=200, verbose_name='supplier or recipient')),
                ('happened_on', models.DateField(help_text='The day in Prague to which it belongs.', verbose_name='day')),
                ('recorded_at', models.DateTimeField(verbose_name='recorded at')),
                ('reason', models.CharField(blank=True, choices=[('BROKEN', 'broken or leaking'), ('COLD_CHAIN', 'cold chain broken'), ('EXPIRED', 'expired or past its use-by'), ('BLOCKED', 'batch blocked'), ('LEFT_OVER', 'left over, nobody to give it to'), ('SPOILED', 'spoiled while preparing or giving'), ('LOST', 'lost or missing'), ('MISCOUNTED', 'counted wrong before'), ('MISTAKE', 'entered by mistake'), ('OTHER', 'other, see the note')], max_length=20, verbose_name='reason')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('attempt', models.PositiveSmallIntegerField(default=1, help_text='A delivery may be confirmed again after its reversal.', verbose_name='attempt')),
                ('import_row', models.CharField(blank=True, help_text="Fingerprint of the row of a ministry's file.", max_length=40, verbose_name='imported row')),
                ('confirms', models.ForeignKey(blank=True, help_text='The dispatch that a delivery confirms.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='confirmed_by', to='logistics.stockdocument', verbose_name='delivery of')),
                ('recorded_by', models.ForeignKey(blank=True, help_text='Empty: an import.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stock_documents', to=settings.AUTH_USER_MODEL, verbose_name='recorded by')),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='logistics.stockdocument', verbose_name='reverses')),
                (
                    "counterpart",
                    models.ForeignKey(blank=True, help_text='Where a dispatch goes, where a delivery comes from.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='counterpart_documents', to='logistics.store', verbose_name='other store'),
                ),
                (
                    "store",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='logistics.store', verbose_name='store'),
                ),
            ],
            options={
                'verbose_name': 'stock document',
                'verbose_name_plural': 'stock documents',
                'ordering': ('-pk',),
                "indexes": [
                    models.Index(fields=['happened_on', 'kind'], name='documents_of_a_day'),
                    models.Index(fields=['store', '-id'], name='documents_of_a_store'),
                    models.Index(fields=['counterpart', 'kind'], name='documents_to_a_store'),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F('confirms'), models.F('attempt'), name='dispatch_is_delivered_once'),
                    models.UniqueConstraint(models.F('import_row'), models.F('kind'), condition=models.Q(('import_row', ''), _negated=True), name='row_is_imported_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REVERSAL'), ('reverses__isnull', False)), models.Q(models.Q(('kind', 'REVERSAL'), _negated=True), ('reverses__isnull', True)), _connector='OR'), name='reversal_reverses'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('WASTE', 'REVERSAL')), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='waste_and_reversal_have_a_reason'),
                    models.CheckConstraint(condition=models.Q(models.Q(('confirms__isnull', False), ('counterpart__isnull', False), ('kind', 'DELIVERY')), models.Q(models.Q(('kind', 'DELIVERY'), _negated=True), ('confirms__isnull', True)), _connector='OR'), name='delivery_confirms_a_dispatch'),
                    models.CheckConstraint(condition=models.Q(models.Q(('kind', 'DISPATCH'), _negated=True), models.Q(('counterpart__isnull', False), models.Q(('counterpart', models.F('store')), _negated=True)), _connector='OR'), name='dispatch_goes_elsewhere'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StockItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('doses_per_vial', models.PositiveSmallIntegerField(blank=True, help_text='As delivered: the same batch came with 5 and with 6.', null=True, verbose_name='doses a vial')),
                ('storage', models.CharField(blank=True, choices=[('STORED', 'long storage'), ('FREEZER', 'freezer'), ('THAWED', 'thawed, in the fridge'), ('ROOM', 'out of the fridge'), ('OPEN', 'opened')], max_length=10, verbose_name='storage condition')),
                ('use_by', models.DateTimeField(blank=True, help_text='The end of the clock that thawing or opening started.', null=True, verbose_name='use by')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='logistics.batch', verbose_name='batch')),
                ('material', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='logistics.material', verbose_name='material')),
            ],
            options={
                'verbose_name': 'stock item',
                'verbose_name_plural': 'stock items',
                'ordering': ('batch', 'doses_per_vial', 'storage', 'use_by', 'material'),
                "constraints": [
                    models.UniqueConstraint(models.F('batch'), models.F('doses_per_vial'), models.F('storage'), models.F('use_by'), condition=models.Q(('batch__isnull', False)), name='vaccine_item_is_unique', nulls_distinct=False),
                    models.UniqueConstraint(models.F('material'), condition=models.Q(('material__isnull', False)), name='material_item_is_unique'),
                    models.CheckConstraint(condition=models.Q(models.Q(('batch__isnull', False), ('doses_per_vial__gt', 0), ('material__isnull', True), models.Q(('storage', ''), _negated=True)), models.Q(('batch__isnull', True), ('doses_per_vial__isnull', True), ('material__isnull', False), ('storage', ''), ('use_by__isnull', True)), _connector='OR'), name='item_is_a_vaccine_or_a_material'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.IntegerField(help_text='Vials; doses of opened vials; pieces of a material.', verbose_name='quantity')),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='logistics.stockdocument', verbose_name='document')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='logistics.stockitem', verbose_name='item')),
            ],
            options={
                'verbose_name': 'stock movement',
                'verbose_name_plural': 'stock movements',
                'ordering': ('pk',),
                "constraints": [
                    models.UniqueConstraint(models.F('document'), models.F('item'), name='item_moves_once_in_a_document'),
                    models.CheckConstraint(condition=models.Q(('quantity', 0), _negated=True), name='movement_moves'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StockBalance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quantity', models.IntegerField(verbose_name='quantity')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='logistics.stockitem', verbose_name='item')),
                ('store', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balances', to='logistics.store', verbose_name='store')),
            ],
            options={
                'verbose_name': 'stock balance',
                'verbose_name_plural': 'stock balances',
                'ordering': ('store', 'item'),
                "indexes": [
                    models.Index(condition=models.Q(('quantity__gt', 0)), fields=['item'], name='who_holds_an_item'),
                ],
                "constraints": [
                    models.UniqueConstraint(models.F('store'), models.F('item'), name='balance_is_unique'),
                    models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='balance_is_not_negative'),
                ],
            },
        ),
        migrations.CreateModel(
            name='StaffRoleEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('MANAGER', 'site manager'), ('REGISTRAR', 'registrar'), ('VACCINATOR', 'vaccinator'), ('STOCK_KEEPER', 'stock keeper'), ('IT', 'IT of the site'), ('REGION', 'regional coordinator'), ('DISTRIBUTOR', 'distributor'), ('MINISTRY', 'ministry')], max_length=20, verbose_name='role')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='logistics.staffrole')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.region', verbose_name='region')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                ('site', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccinationsite', verbose_name='site')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StaffInvitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('role', models.CharField(choices=[('MANAGER', 'site manager'), ('REGISTRAR', 'registrar'), ('VACCINATOR', 'vaccinator'), ('STOCK_KEEPER', 'stock keeper'), ('IT', 'IT of the site'), ('REGION', 'regional coordinator'), ('DISTRIBUTOR', 'distributor'), ('MINISTRY', 'ministry')], max_length=20, verbose_name='role')),
                ('code_hash', models.CharField(max_length=64, unique=True, verbose_name='hash of the code')),
                ('invited_at', models.DateTimeField(verbose_name='invited at')),
                ('expires_at', models.DateTimeField(verbose_name='valid until')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='accepted at')),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accepted by')),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='logistics.region', verbose_name='region')),
                ('site', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='logistics.vaccinationsite', verbose_name='site')),
            ],
            options={
                'verbose_name': 'staff invitation',
                'verbose_name_plural': 'staff invitations',
                'ordering': ('-invited_at',),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('region__isnull', True), ('role__in', ('MANAGER', 'REGISTRAR', 'VACCINATOR', 'STOCK_KEEPER', 'IT')), ('site__isnull', False)), models.Q(('region__isnull', False), ('role', 'REGION'), ('site__isnull', True)), models.Q(('region__isnull', True), ('role__in', ('DISTRIBUTOR', 'MINISTRY')), ('site__isnull', True)), _connector='OR'), name='invitation_fits_its_place', violation_error_message='A role at a site needs the site, a regional one the region, others neither.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='SiteContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('HEAD', 'head of the site'), ('COORDINATOR', 'coordinator'), ('IT', 'IT'), ('PHARMACY', 'pharmacy')], max_length=20, verbose_name='role')),
                ('name', models.CharField(max_length=120, verbose_name='name and surname')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='logistics.vaccinationsite', verbose_name='site')),
            ],
            options={
                'verbose_name': 'contact',
                'verbose_name_plural': 'contacts',
                'ordering': ('site', 'role', 'name'),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(('email', ''), ('phone', ''), _negated=True), name='contact_can_be_reached', violation_error_message='Give a telephone number or an e-mail address.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='VaccinationSiteEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.UUIDField(default=uuid.uuid4, help_text="The site's identifier in the ministry's open data.", serialize=False)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('address', models.CharField(blank=True, max_length=300, verbose_name='address')),
                ('latitude', models.DecimalField(blank=True, decimal_places=7, max_digits=9, null=True, verbose_name='latitude')),
                ('longitude', models.DecimalField(blank=True, decimal_places=7, max_digits=10, null=True, verbose_name='longitude')),
                ('kind', models.CharField(blank=True, choices=[('STANDARD', 'vaccination site'), ('LARGE', 'large-capacity site'), ('DISTRIBUTION', 'distribution site'), ('SELF_PAYING', 'site for self-payers'), ('ARMY', 'army site'), ('UNIVERSITY', 'university site')], default='STANDARD', help_text='Empty means unknown.', max_length=20, verbose_name='type')),
                ('state', models.CharField(choices=[('PREPARING', 'in preparation'), ('OPEN', 'open'), ('PAUSED', 'paused'), ('CLOSED', 'closed')], default='OPEN', max_length=10, verbose_name='state')),
                ('is_public', models.BooleanField(default=True, help_text='Whether the site has a page for everybody and stands in the lists.', verbose_name='public')),
                ('facility_code', models.CharField(blank=True, help_text='NRPZS code of the health facility, 11 digits, zero-padded.', max_length=14, verbose_name='facility code')),
                ('company_number', models.CharField(blank=True, help_text='Identification number of the provider, 8 digits.', max_length=8, validators=[logistics.models.sites.check_company_number], verbose_name='IČO')),
                ('minimal_capacity', models.PositiveIntegerField(default=0, help_text='Doses a day that the site can give at least.', verbose_name='minimal capacity')),
                ('daily_capacity', models.PositiveIntegerField(blank=True, help_text='Doses a day that the site can give at most.', null=True, verbose_name='daily capacity')),
                ('is_step_free', models.BooleanField(blank=True, help_text='Empty means unknown.', null=True, verbose_name='step-free')),
                ('opens_at', models.TimeField(default='08:00', verbose_name='opens at')),
                ('closes_at', models.TimeField(default='16:00', verbose_name='closes at')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('link', models.URLField(blank=True, verbose_name='web page')),
                ('description', models.TextField(blank=True, help_text='What people should know of the site.', verbose_name='description')),
                ('youngest_age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='from the age of')),
                ('oldest_age', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='up to the age of')),
                ('languages', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('cs', 'Czech'), ('en', 'English'), ('sk', 'Slovak'), ('uk', 'Ukrainian'), ('ru', 'Russian'), ('vi', 'Vietnamese'), ('de', 'German'), ('pl', 'Polish'), ('rom', 'Romani')], max_length=3), blank=True, default=list, size=None, verbose_name='languages')),
                ('has_parking', models.BooleanField(blank=True, help_text='Empty means unknown.', null=True, verbose_name='parking')),
                ('is_drive_in', models.BooleanField(default=False, verbose_name='drive-in')),
                ('has_mobile_team', models.BooleanField(default=False, help_text='Whether a team of the site goes to people who cannot come.', verbose_name='mobile team')),
                ('notes', models.TextField(blank=True, help_text='How to find the entrance, where to park.', verbose_name='public notes')),
                ('district', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.district', verbose_name='district')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='logistics.vaccinationsite')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, help_text='Only where the district is not known; else the district says it.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.region', verbose_name='region')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='StorageRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('storage', models.CharField(choices=[('STORED', 'long storage'), ('FREEZER', 'freezer'), ('THAWED', 'thawed, in the fridge'), ('ROOM', 'out of the fridge'), ('OPEN', 'opened')], max_length=10, verbose_name='storage condition')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('min_celsius', models.SmallIntegerField(blank=True, null=True, verbose_name='from (°C)')),
                ('max_celsius', models.SmallIntegerField(verbose_name='up to (°C)')),
                ('keeps', models.DurationField(blank=True, help_text='Empty: until the expiry printed on the pack.', null=True, verbose_name='keeps for')),
                ('vaccine', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='storage_rules', to='logistics.vaccine', verbose_name='vaccine')),
            ],
            options={
                'verbose_name': 'storage rule',
                'verbose_name_plural': 'storage rules',
                'ordering': ('vaccine', 'storage', 'valid_from'),
                "constraints": [
                    models.UniqueConstraint(models.F('vaccine'), models.F('storage'), models.F('valid_from'), name='storage_rule_is_unique'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('doses_per_vial', models.PositiveSmallIntegerField(verbose_name='doses a vial')),
                ('vials', models.PositiveSmallIntegerField(verbose_name='vials in the pack')),
                ('gtin', models.CharField(blank=True, help_text='From the code on the pack; a scanned code with it chooses the vaccine.', max_length=14, validators=[django.core.validators.RegexValidator('^[0-9]{14}$', 'A GTIN has 14 digits.')], verbose_name='GTIN')),
                ('vaccine', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packs', to='logistics.vaccine', verbose_name='vaccine')),
            ],
            options={
                'verbose_name': 'pack',
                'verbose_name_plural': 'packs',
                'ordering': ('vaccine', 'doses_per_vial', 'vials'),
                "constraints": [
                    models.UniqueConstraint(models.F('gtin'), condition=models.Q(('gtin', ''), _negated=True), name='gtin_is_unique'),
                    models.CheckConstraint(condition=models.Q(('doses_per_vial__gt', 0), ('vials__gt', 0)), name='pack_is_not_empty'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DoseInterval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(help_text='For reservations made from this day on.', verbose_name='valid from')),
                ('min_days', models.PositiveSmallIntegerField(verbose_name='at least (days)')),
                ('ideal_days', models.PositiveSmallIntegerField(verbose_name='ideal (days)')),
                ('max_days', models.PositiveSmallIntegerField(verbose_name='at most (days)')),
                ('vaccine', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intervals', to='logistics.vaccine', verbose_name='vaccine')),
            ],
            options={
                'verbose_name': 'interval between doses',
                'verbose_name_plural': 'intervals between doses',
                'ordering': ('vaccine', 'valid_from'),
                "constraints": [
                    models.UniqueConstraint(models.F('vaccine'), models.F('valid_from'), name='interval_is_unique'),
                    models.CheckConstraint(condition=models.Q(('ideal_days__lte', models.F('max_days')), ('min_days__gt', 0), ('min_days__lte', models.F('ideal_days'))), name='interval_is_ordered', violation_error_message='The days must rise: at least, ideal, at most.'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BatchEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(blank=True, help_text='As printed on the vial. Empty: the batch is not published.', max_length=20, validators=[django.core.validators.RegexValidator('^[A-Z0-9-]{3,20}$', '3 to 20 capital letters, digits or hyphens.')], verbose_name='batch number')),
                ('expires_on', models.DateField(blank=True, help_text='The last day on which it may be used, as printed or extended.', null=True, verbose_name='expiry')),
                ('blocked_at', models.DateTimeField(blank=True, null=True, verbose_name='blocked at')),
                ('block_reason', models.CharField(blank=True, max_length=300, verbose_name='reason of the block')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='logistics.batch')),
                ('vaccine', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='logistics.vaccine', verbose_name='vaccine')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WeekdayHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='weekday')),
                ('opens_at', models.TimeField(blank=True, help_text='Empty means closed on this day.', null=True, verbose_name='opens at')),
                ('closes_at', models.TimeField(blank=True, null=True, verbose_name='closes at')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weekday_hours', to='logistics.vaccinationsite', verbose_name='site')),
            ],
            options={
                'verbose_name': 'opening hours of a weekday',
                'verbose_name_plural': 'opening hours of weekdays',
                'ordering': ('site', 'weekday'),
                "constraints": [
                    models.UniqueConstraint(models.F('site'), models.F('weekday'), name='weekday_has_hours_once'),
                    models.CheckConstraint(condition=models.Q(models.Q(('closes_at__isnull', True), ('opens_at__isnull', True)), ('opens_at__lt', models.F('closes_at')), _connector='OR'), name='weekday_opens_before_it_closes', violation_error_message='A site must open before it closes; leave both empty where it is closed.'),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stockmovement',
            trigger=pgtrigger.compiler.Trigger(name='never_edited', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='58192529bc5dba3eddbec8b180eb0d3ac72b5784', operation='UPDATE OR DELETE', pgid='pgtrigger_never_edited_da2bb', table='logistics_stockmovement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stockdocument',
            trigger=pgtrigger.compiler.Trigger(name='never_edited', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e1480c34dafb09436a57fed124112f4805626eaf', operation='UPDATE OR DELETE', pgid='pgtrigger_never_edited_5ff47', table='logistics_stockdocument', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffrole',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id", NEW."role", NEW."site_id", NEW."user_id"); RETURN NULL;', hash='5773871c1bd6027e77b09e386c378ff668891402', operation='INSERT', pgid='pgtrigger_insert_insert_858ce', table='logistics_staffrole', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffrole',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."region_id", NEW."role", NEW."site_id", NEW."user_id"); RETURN NULL;', hash='287d58b68a9ba19e0d8ea6bd3a170279a8ad5c78', operation='UPDATE', pgid='pgtrigger_update_update_37a33', table='logistics_staffrole', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='staffrole',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."region_id", OLD."role", OLD."site_id", OLD."user_id"); RETURN NULL;', hash='f684ffd7b8b495f73ac51b1330fbc335e1ea2f6f', operation='DELETE', pgid='pgtrigger_delete_delete_507be', table='logistics_staffrole', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vaccinationsite',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "logistics_vaccinationsiteevent" ("address", "closes_at", "company_number", "daily_capacity", "description", "district_id", "email", "facility_code", "has_mobile_team", "has_parking", "id", "is_drive_in", "is_public", "is_step_free", "kind", "languages", "latitude", "link", "longitude", "minimal_capacity", "name", "notes", "oldest_age", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "state", "youngest_age") VALUES (NEW."address", NEW."closes_at", NEW."company_number", NEW."daily_capacity", NEW."description", NEW."district_id", NEW."email", NEW."facility_code", NEW."has_mobile_team", NEW."has_parking", NEW."id", NEW."is_drive_in", NEW."is_public", NEW."is_step_free", NEW."kind", NEW."languages", NEW."latitude", NEW."link", NEW."longitude", NEW."minimal_capacity", NEW."name", NEW."notes", NEW."oldest_age", NEW."opens_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."region_id", NEW."state", NEW."youngest_age"); RETURN NULL;', hash='ea3bae1ad82e0905d4309ad8f050839a380eea85', operation='INSERT', pgid='pgtrigger_insert_insert_b3fce', table='logistics_vaccinationsite', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='vaccinationsite',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "logistics_vaccinationsiteevent" ("address", "closes_at", "company_number", "daily_capacity", "description", "district_id", "email", "facility_code", "has_mobile_team", "has_parking", "id", "is_drive_in", "is_public", "is_step_free", "kind", "languages", "latitude", "link", "longitude", "minimal_capacity", "name", "notes", "oldest_age", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "state", "youngest_age") VALUES (NEW."address", NEW."closes_at", NEW."company_number", NEW."daily_capacity", NEW."description", NEW."district_id", NEW."email", NEW."facility_code", NEW."has_mobile_team", NEW."has_parking", NEW."id", NEW."is_drive_in", NEW."is_public", NEW."is_step_free", NEW."kind", NEW."languages", NEW."latitude", NEW."link", NEW."longitude", NEW."minimal_capacity", NEW."name", NEW."notes", NEW."oldest_age", NEW."opens_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."region_id", NEW."state", NEW."youngest_age"); RETURN NULL;', hash='f5249efbcfe4e9a6182f4632a9f970139099741e', operation='UPDATE', pgid='pgtrigger_update_update_83a26', table='logistics_vaccinationsite', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "logistics_batchevent" ("block_reason", "blocked_at", "expires_on", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vaccine_id") VALUES (NEW."block_reason", NEW."blocked_at", NEW."expires_on", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."vaccine_id"); RETURN NULL;', hash='a18d6b6113c1cc8efb06101d104b522d4317e6b1', operation='INSERT', pgid='pgtrigger_insert_insert_c00a8', table='logistics_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "logistics_batchevent" ("block_reason", "blocked_at", "expires_on", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vaccine_id") VALUES (NEW."block_reason", NEW."blocked_at", NEW."expires_on", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."vaccine_id"); RETURN NULL;', hash='8887700532199e4f5eacf53f2d9204e8d8b873e2', operation='UPDATE', pgid='pgtrigger_update_update_87d25', table='logistics_batch', when='AFTER')),
        ),
        # A document is closed by the end of the transaction that wrote it. The number is the whole transaction's,
        # whatever its savepoints. Nothing but the default writes it, and documents are never edited.
        migrations.RunSQL(
            "ALTER TABLE logistics_stockdocument ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id()",
            "ALTER TABLE logistics_stockdocument DROP COLUMN written_in",
        ),
        frozen(__file__, "move_balances"),
        frozen(__file__, "keep_balances"),
        frozen(__file__, "keep_items"),
    ]
