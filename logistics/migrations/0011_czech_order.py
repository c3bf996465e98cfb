"""Lists are sorted by the database's key of Czech words."""

from django.db import migrations


class Migration(migrations.Migration):
    """Only the order that the models name; the function is there before it is used."""

    dependencies = [
        ("crs", "0002_czech_order"),
        ("logistics", "0010_batch_numbers_as_gs1_allows"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="sitecontact",
            options={
                "ordering": ("site", "role", "name__czech"),
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
            },
        ),
        migrations.AlterModelOptions(
            name="store",
            options={"ordering": ("name__czech",), "verbose_name": "store", "verbose_name_plural": "stores"},
        ),
        migrations.AlterModelOptions(
            name="vaccinationsite",
            options={
                "ordering": ("name__czech",),
                "verbose_name": "vaccination site",
                "verbose_name_plural": "vaccination sites",
            },
        ),
    ]
