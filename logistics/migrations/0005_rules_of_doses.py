"""Rules for giving doses, kinds of vaccines, and the time of what was recorded late."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('logistics', '0004_products_and_materials'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DoseRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dose_number', models.PositiveSmallIntegerField(verbose_name='dose')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('youngest_age', models.PositiveSmallIntegerField(verbose_name='from the age of')),
                ('min_days', models.PositiveSmallIntegerField(blank=True, help_text='Since the dose before; empty for the first one.', null=True, verbose_name='at least (days)')),
                ('max_days', models.PositiveSmallIntegerField(blank=True, help_text='Later it is still given, with a reason.', null=True, verbose_name='at most (days)')),
                ('may_follow_another', models.BooleanField(default=False, help_text='Whether the doses before may be of another vaccine.', verbose_name='after another vaccine')),
            ],
            options={
                'verbose_name': 'rule of a dose',
                'verbose_name_plural': 'rules of doses',
                'ordering': ('vaccine', 'dose_number', 'valid_from'),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(('dose_number', 1), ('max_days', None), ('min_days', None)), models.Q(('dose_number__gt', 1), ('min_days__gt', 0)), _connector='OR'), name='dose_rule_has_its_days'),
                    models.CheckConstraint(condition=models.Q(('max_days', None), ('max_days__gte', models.F('min_days')), _connector='OR'), name='dose_rule_is_ordered'),
                ],
            },
        ),
        migrations.AddField(
            model_name='stockdocument',
            name='happened_at',
            field=models.DateTimeField(blank=True, help_text='Where it was recorded later than it happened, as after an outage; empty: when it was recorded.', null=True, verbose_name='happened at'),
        ),
        migrations.AddField(
            model_name='vaccine',
            name='platform',
            field=models.CharField(blank=True, choices=[('MRNA', 'mRNA'), ('VECTOR', 'viral vector'), ('PROTEIN', 'protein')], max_length=10, verbose_name='kind of vaccine'),
        ),
        migrations.AddField(
            model_name='vaccine',
            name='booster_millilitres',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Where it is less than a dose of the series, so that a vial gives more of them; else empty.', max_digits=4, null=True, verbose_name='booster (ml)'),
        ),
        migrations.AlterField(
            model_name='stockdocument',
            name='reason',
            field=models.CharField(blank=True, choices=[('BROKEN', 'broken or leaking'), ('COLD_CHAIN', 'cold chain broken'), ('EXPIRED', 'expired or past its use-by'), ('BLOCKED', 'batch blocked'), ('LEFT_OVER', 'left over, nobody to give it to'), ('SPOILED', 'spoiled while preparing or giving'), ('LOST', 'lost or missing'), ('MISCOUNTED', 'counted wrong before'), ('EXTRA_DOSE', 'extra dose drawn from a vial'), ('MISTAKE', 'entered by mistake'), ('OTHER', 'other, see the note')], max_length=20, verbose_name='reason'),
        ),
        migrations.AddConstraint(
            model_name='stockdocument',
            constraint=models.CheckConstraint(condition=models.Q(('happened_at__isnull', True), ('happened_at__lte', models.F('recorded_at')), _connector='OR'), name='document_is_not_from_the_future'),
        ),
        migrations.AddField(
            model_name='doserule',
            name='vaccine',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dose_rules', to='logistics.vaccine', verbose_name='vaccine'),
        ),
        migrations.AddConstraint(
            model_name='doserule',
            constraint=models.UniqueConstraint(models.F('vaccine'), models.F('dose_number'), models.F('valid_from'), name='dose_rule_is_unique'),
        ),
    ]
