"""How long people wait after an infection if they wish: three months, not from June to December 2021 (DOMAIN.md 3.1, 10.1).

From December 2021 on three to six months were advised, and nobody who had recovered was refused: a person may withdraw a
postponement.
"""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# valid from, days; three months are kept as 91 days, as the months of boosters are (30.5 each).
RULES = ((date(2020, 12, 26), 91), (date(2021, 6, 25), 0), (date(2021, 12, 1), 91))


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; what somebody added by hand stays."""
    rule = apps.get_model("reservation", "PostponementRule")
    rule.objects.bulk_create([rule(valid_from=day, days=days) for day, days in RULES], ignore_conflicts=True)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete them; others stay."""
    apps.get_model("reservation", "PostponementRule").objects.filter(valid_from__in=[day for day, _ in RULES]).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("reservation", "0006_sum_seats")]

    operations = [migrations.RunPython(add, remove)]
