"""Whom other stores call: the telephone of a store."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A field that may be empty."""

    dependencies = [
        ("logistics", "0012_withdrawn_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="store",
            name="phone",
            field=models.CharField(
                blank=True,
                help_text="Whom other stores call. A distributor's stands in the e-mail about a blocked batch.",
                max_length=40,
                verbose_name="telephone",
            ),
        ),
    ]
