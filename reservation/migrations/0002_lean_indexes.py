"""Indexes go that another index already begins with: each costs every booking a write."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """No index of their own for three foreign keys."""

    dependencies = [
        ("logistics", "0001_initial"),
        ("reservation", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="appointment",
            name="reservation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="appointments",
                to="reservation.reservation",
                verbose_name="reservation",
            ),
        ),
        migrations.AlterField(
            model_name="slot",
            name="site",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="slots",
                to="logistics.vaccinationsite",
                verbose_name="vaccination site",
            ),
        ),
        migrations.AlterField(
            model_name="slot",
            name="vaccine",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="slots",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
    ]
