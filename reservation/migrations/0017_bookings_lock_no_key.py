"""Let a change of a slot's counter lock no key."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index, made anew."""

    dependencies = [
        ("logistics", "0009_days_and_doses_are_there"),
        ("reservation", "0016_who_discarded_a_plan"),
    ]

    # With the cast it is no key any more, which each change of a counter locked: see reservation/models/slots.py.
    operations = [
        migrations.RemoveConstraint(
            model_name="slot",
            name="slot_is_unique",
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                models.F("site"),
                models.F("vaccine"),
                models.F("day"),
                models.F("wall_time"),
                django.db.models.functions.comparison.Cast("for_doses", models.TextField()),
                name="slot_is_unique",
            ),
        ),
    ]
