"""Counts of the people who wait."""

from pathlib import Path

from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("reservation", "0002_staff_arrange_times"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingSummary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("computed_at", models.DateTimeField(verbose_name="computed at")),
                (
                    "free_pairs",
                    models.JSONField(
                        help_text="Pairs of seats promised to nobody, by region.", verbose_name="free pairs"
                    ),
                ),
            ],
            options={
                "verbose_name": "summary of the waiting",
                "verbose_name_plural": "summaries of the waiting",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="there_is_one_summary_of_the_waiting")
                ],
            },
        ),
        migrations.RunSQL(
            (Path(__file__).parent / "sql_0003" / "waiting.sql").read_text(),
            "DROP VIEW reservation_waiting_person CASCADE",
        ),
    ]
