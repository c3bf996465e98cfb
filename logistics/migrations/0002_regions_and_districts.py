"""The 14 regions and 77 districts (source: RÚIAN, ČÚZK, open data of 2021)."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DATA = Path(__file__).resolve().parent.parent / "data"


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; a region or district that somebody added by hand stays."""
    region, district = apps.get_model("logistics", "Region"), apps.get_model("logistics", "District")
    region.objects.bulk_create(
        [region(code=row["code"], name=row["name"]) for row in _rows("regions.csv")], ignore_conflicts=True
    )
    district.objects.bulk_create(
        [district(code=row["code"], name=row["name"], region_id=row["region"]) for row in _rows("districts.csv")],
        ignore_conflicts=True,
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete them; refused by the database where a site still stands in one of them."""
    for model, file in (("District", "districts.csv"), ("Region", "regions.csv")):
        codes = [row["code"] for row in _rows(file)]
        apps.get_model("logistics", model).objects.filter(code__in=codes).delete()


def _rows(file: str) -> Iterator[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


class Migration(migrations.Migration):
    """Regions and districts."""

    dependencies = [("logistics", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
