"""The four vaccines of 2021 and the Czech rules for the days between their doses.

Sources: product information; press of the days when the rule changed: dated data, because it
changed five times in seven months. Janssen is one dose, so it has no interval.
"""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# code: name, doses in the series
VACCINES = {
    "comirnaty": ("Comirnaty", 2),
    "spikevax": ("Spikevax", 2),
    "vaxzevria": ("Vaxzevria", 2),
    "janssen": ("Janssen", 1),
}
# code, valid from, at least, ideal, at most (days)
INTERVALS = (
    ("comirnaty", date(2020, 12, 26), 21, 21, 42),
    ("comirnaty", date(2021, 3, 30), 38, 42, 42),
    ("comirnaty", date(2021, 6, 28), 34, 38, 42),
    ("comirnaty", date(2021, 7, 15), 21, 21, 42),
    ("spikevax", date(2021, 1, 6), 28, 28, 42),
    ("spikevax", date(2021, 3, 30), 38, 42, 42),
    ("spikevax", date(2021, 6, 1), 25, 28, 35),
    ("vaxzevria", date(2021, 1, 29), 84, 90, 91),
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; what somebody added by hand stays."""
    vaccine, interval = apps.get_model("logistics", "Vaccine"), apps.get_model("logistics", "DoseInterval")
    vaccine.objects.bulk_create(
        [vaccine(code=code, name=name, doses=doses) for code, (name, doses) in VACCINES.items()],
        ignore_conflicts=True,
    )
    interval.objects.bulk_create(
        [
            interval(vaccine_id=code, valid_from=day, min_days=low, ideal_days=ideal, max_days=high)
            for code, day, low, ideal, high in INTERVALS
        ],
        ignore_conflicts=True,
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete them with their intervals; refused by the database where slots of one exist."""
    apps.get_model("logistics", "DoseInterval").objects.filter(vaccine_id__in=VACCINES).delete()
    apps.get_model("logistics", "Vaccine").objects.filter(code__in=VACCINES).delete()


class Migration(migrations.Migration):
    """Vaccines and intervals."""

    dependencies = [("logistics", "0002_regions_and_districts")]

    operations = [migrations.RunPython(add, remove)]
