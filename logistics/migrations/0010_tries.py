"""Wrong passwords and codes are counted in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [("logistics", "0009_products_and_materials")]

    operations = [
        migrations.CreateModel(
            name="KnownNetwork",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of the account and the network.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                ("seen_at", models.DateTimeField(db_index=True, verbose_name="seen at")),
            ],
            options={
                "verbose_name": "known network",
                "verbose_name_plural": "known networks",
            },
        ),
        migrations.CreateModel(
            name="Tries",
            fields=[
                (
                    "key",
                    models.CharField(
                        help_text="Keyed hash of what was tried and by whom.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                        verbose_name="key",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="count")),
                (
                    "ends_at",
                    models.DateTimeField(
                        db_index=True, help_text="From then on the count means nothing.", verbose_name="ends at"
                    ),
                ),
            ],
            options={
                "verbose_name": "tries",
                "verbose_name_plural": "tries",
            },
        ),
    ]
