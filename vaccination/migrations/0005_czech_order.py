"""Lists are sorted by the database's key of Czech words."""

from django.db import migrations


class Migration(migrations.Migration):
    """Only the order that the models name; the function is there before it is used."""

    dependencies = [
        ("crs", "0002_czech_order"),
        ("vaccination", "0004_last_doses"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="healthworker",
            options={
                "ordering": ("name__czech", "pk"),
                "verbose_name": "health worker",
                "verbose_name_plural": "health workers",
            },
        ),
        migrations.AlterModelOptions(
            name="station",
            options={"ordering": ("site", "name__czech"), "verbose_name": "station", "verbose_name_plural": "stations"},
        ),
    ]
