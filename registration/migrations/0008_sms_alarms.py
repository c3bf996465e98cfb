"""When a cap on SMS with PINs was reached last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One small table: the alarm is raised once in the period of a cap."""

    dependencies = [
        ("registration", "0007_asking_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="SmsAlarm",
            fields=[
                (
                    "cap",
                    models.CharField(
                        help_text="What was capped, and the rate.",
                        max_length=80,
                        primary_key=True,
                        serialize=False,
                        verbose_name="cap",
                    ),
                ),
                ("raised_at", models.DateTimeField(verbose_name="raised at")),
            ],
            options={
                "verbose_name": "alarm about SMS",
                "verbose_name_plural": "alarms about SMS",
            },
        ),
    ]
