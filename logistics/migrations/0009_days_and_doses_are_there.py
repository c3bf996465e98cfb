"""A check that is NULL passes: a later dose could have no days after the one before, and vials no size."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two checks that say what must be there."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="doserule",
            name="dose_rule_has_its_days",
        ),
        migrations.RemoveConstraint(
            model_name="stockitem",
            name="item_is_a_vaccine_or_a_material",
        ),
        migrations.AddConstraint(
            model_name="doserule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dose_number", 1), ("max_days", None), ("min_days", None)),
                    models.Q(("dose_number__gt", 1), ("min_days__gt", 0), ("min_days__isnull", False)),
                    _connector="OR",
                ),
                name="dose_rule_has_its_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("batch__isnull", False),
                        ("doses_per_vial__gt", 0),
                        ("doses_per_vial__isnull", False),
                        ("material__isnull", True),
                        models.Q(("storage", ""), _negated=True),
                    ),
                    models.Q(
                        ("batch__isnull", True),
                        ("doses_per_vial__isnull", True),
                        ("material__isnull", False),
                        ("storage", ""),
                        ("use_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="item_is_a_vaccine_or_a_material",
            ),
        ),
    ]
