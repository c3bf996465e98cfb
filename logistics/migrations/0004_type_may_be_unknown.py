"""Schema: a site's type may be unknown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The ministry's list leaves the type of a site empty: kept as unknown, not guessed."""

    dependencies = [("logistics", "0003_vaccines_and_intervals")]

    operations = [
        migrations.AlterField(
            model_name="vaccinationsite",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("STANDARD", "vaccination site"),
                    ("LARGE", "large-capacity site"),
                    ("DISTRIBUTION", "distribution site"),
                    ("SELF_PAYING", "site for self-payers"),
                    ("ARMY", "army site"),
                    ("UNIVERSITY", "university site"),
                ],
                default="STANDARD",
                help_text="Empty means unknown.",
                max_length=20,
                verbose_name="type",
            ),
        ),
    ]
