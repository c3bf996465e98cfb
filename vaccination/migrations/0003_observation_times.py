"""How long people sat after a dose in Czechia, from which day (DOMAIN 10.2)."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TIMES = (
    (date(2020, 12, 27), 30),
    (date(2021, 5, 1), 15),
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add the times for all sites."""
    times = apps.get_model("vaccination", "ObservationTime")
    for valid_from, minutes in TIMES:
        times.objects.get_or_create(site=None, valid_from=valid_from, defaults={"minutes": minutes})


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete them."""
    times = apps.get_model("vaccination", "ObservationTime")
    times.objects.filter(site=None, valid_from__in=[valid_from for valid_from, _minutes in TIMES]).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("vaccination", "0002_questions")]
    operations = [migrations.RunPython(add, remove)]
