"""How often a PIN was asked for again, and until when a limit stops it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two more facts of a verification."""

    dependencies = [
        ("registration", "0006_claim_by_phone"),
    ]

    operations = [
        migrations.AddField(
            model_name="phoneverification",
            name="resends",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="How often since the last check question; every third costs one.",
                verbose_name="asked again",
            ),
        ),
        migrations.AddField(
            model_name="phoneverification",
            name="stopped_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Until when a limit keeps the last PIN from being sent.",
                null=True,
                verbose_name="stopped until",
            ),
        ),
        migrations.AlterField(
            model_name="phoneverification",
            name="verified_at",
            field=models.DateTimeField(
                blank=True, help_text="Empty again once the person has finished.", null=True, verbose_name="verified at"
            ),
        ),
    ]
