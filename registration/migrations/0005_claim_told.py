"""A claim says whether the registered telephone was told of it: at most once in 24 hours it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column that may be empty, which locks the table for an instant."""

    dependencies = [("registration", "0004_priority_groups")]

    operations = [
        migrations.AddField(
            model_name="registrationclaim",
            name="told_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the registered telephone was told; empty if it had been told in the 24 hours before.",
                null=True,
                verbose_name="told at",
            ),
        ),
    ]
