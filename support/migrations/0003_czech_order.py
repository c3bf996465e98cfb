"""Lists are sorted by the database's key of Czech words."""

from django.db import migrations


class Migration(migrations.Migration):
    """Only the order that the models name; the function is there before it is used."""

    dependencies = [
        ("crs", "0002_czech_order"),
        ("support", "0002_categories_and_levels"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cannedanswer",
            options={
                "ordering": ("title__czech",),
                "verbose_name": "prepared answer",
                "verbose_name_plural": "prepared answers",
            },
        ),
        migrations.AlterModelOptions(
            name="savedview",
            options={
                "ordering": ("position", "name__czech"),
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
            },
        ),
    ]
