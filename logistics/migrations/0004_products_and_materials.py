"""The products of 2021 as they are delivered, kept and given, and the materials that go with them.

Sources: product information of 2021 (EMA, WHO), the ministry's open data for the published names. The
rules are dated, because product information changed: thawed Comirnaty kept 5 days, from May 2021 31.
No GTIN is known for certain, so none is given; a ministry's clerk adds it from the pack in hand.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

DAY, HOUR = timedelta(days=1), timedelta(hours=1)

# code: what the product information says of the product
PRODUCTS: dict[str, dict[str, Any]] = {
    "comirnaty": {
        "manufacturer": "Pfizer",
        "published_name": "Comirnaty",
        "youngest_age": 16,
        "diluent": "1.8 ml NaCl 0.9 %",
        "dose_millilitres": Decimal("0.3"),
    },
    "spikevax": {
        "manufacturer": "Moderna",
        "published_name": "COVID-19 Vaccine Moderna",
        "youngest_age": 18,
        "diluent": "",
        "dose_millilitres": Decimal("0.5"),
    },
    "vaxzevria": {
        "manufacturer": "AstraZeneca",
        "published_name": "VAXZEVRIA",
        "youngest_age": 18,
        "diluent": "",
        "dose_millilitres": Decimal("0.5"),
    },
    "janssen": {
        "manufacturer": "Janssen",
        "published_name": "COVID-19 Vaccine Janssen",
        "youngest_age": 18,
        "diluent": "",
        "dose_millilitres": Decimal("0.5"),
    },
}
# code, vials in the pack, doses a vial: the sixth dose of Comirnaty is the same vial, drawn with other needles
PACKS = (
    ("comirnaty", 195, 5),
    ("comirnaty", 195, 6),
    ("comirnaty", 25, 6),
    ("spikevax", 10, 10),
    ("vaxzevria", 10, 8),
    ("vaxzevria", 10, 10),
    ("janssen", 10, 5),
    ("janssen", 20, 5),
)
# The days on which the EU authorised them: no rule is older.
COMIRNATY, SPIKEVAX, VAXZEVRIA, JANSSEN = date(2020, 12, 21), date(2021, 1, 6), date(2021, 1, 29), date(2021, 3, 11)
# code, storage condition, valid from, from °C (None: no lower bound is given), up to °C, keeps (None: the printed expiry)
STORAGE = (
    ("comirnaty", "STORED", COMIRNATY, -90, -60, None),
    ("comirnaty", "FREEZER", date(2021, 3, 26), -25, -15, 14 * DAY),
    ("comirnaty", "THAWED", COMIRNATY, 2, 8, 5 * DAY),
    ("comirnaty", "THAWED", date(2021, 5, 17), 2, 8, 31 * DAY),
    ("comirnaty", "ROOM", COMIRNATY, None, 30, 2 * HOUR),
    ("comirnaty", "OPEN", COMIRNATY, 2, 30, 6 * HOUR),
    ("spikevax", "STORED", SPIKEVAX, -25, -15, None),
    ("spikevax", "THAWED", SPIKEVAX, 2, 8, 30 * DAY),
    ("spikevax", "ROOM", SPIKEVAX, 8, 25, 12 * HOUR),
    ("spikevax", "OPEN", SPIKEVAX, 2, 25, 6 * HOUR),
    ("vaxzevria", "STORED", VAXZEVRIA, 2, 8, None),
    ("vaxzevria", "OPEN", VAXZEVRIA, 2, 8, 48 * HOUR),
    ("janssen", "STORED", JANSSEN, -25, -15, None),
    # "3 months" read carefully: three months have 89 to 92 days.
    ("janssen", "THAWED", JANSSEN, 2, 8, 90 * DAY),
    ("janssen", "ROOM", JANSSEN, None, 25, 12 * HOUR),
    ("janssen", "OPEN", JANSSEN, 2, 8, 6 * HOUR),
)
# code: English, Czech
MATERIALS = {
    "syringe-1ml": ("Syringe 1 ml", "Injekční stříkačka 1 ml"),
    "syringe-2ml": ("Syringe 2 ml", "Injekční stříkačka 2 ml"),
    "needle-giving": ("Needle for giving", "Injekční jehla k aplikaci"),
    "needle-diluting": ("Needle for diluting", "Injekční jehla k ředění"),
    "nacl-09": ("Sodium chloride 0.9 %, 10 ml", "Chlorid sodný 0,9 %, 10 ml"),
    "swab": ("Disinfecting swab", "Dezinfekční tampon"),
    "vaccination-card": ("Vaccination card", "Očkovací průkaz"),
}


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; what somebody added or filled in by hand stays."""
    vaccine, pack = apps.get_model("logistics", "Vaccine"), apps.get_model("logistics", "Pack")
    rule, material = apps.get_model("logistics", "StorageRule"), apps.get_model("logistics", "Material")
    for code, product in PRODUCTS.items():
        vaccine.objects.filter(code=code, manufacturer="", published_name="").update(**product)
    # A ministry that never had one of the four need not have it now.
    known = set(vaccine.objects.filter(code__in=PRODUCTS).values_list("code", flat=True))
    for code, vials, doses in PACKS:
        if code in known and not pack.objects.filter(vaccine_id=code, vials=vials, doses_per_vial=doses).exists():
            pack.objects.create(vaccine_id=code, vials=vials, doses_per_vial=doses)
    rule.objects.bulk_create(
        [
            rule(vaccine_id=code, storage=storage, valid_from=day, min_celsius=low, max_celsius=high, keeps=keeps)
            for code, storage, day, low, high, keeps in STORAGE
            if code in known
        ],
        ignore_conflicts=True,
    )
    material.objects.bulk_create(
        [material(code=code, name=name, name_cs=name_cs) for code, (name, name_cs) in MATERIALS.items()],
        ignore_conflicts=True,
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete them, save for packs that were given a GTIN and materials that are in stock."""
    vaccine, pack = apps.get_model("logistics", "Vaccine"), apps.get_model("logistics", "Pack")
    rule, material = apps.get_model("logistics", "StorageRule"), apps.get_model("logistics", "Material")
    material.objects.filter(code__in=MATERIALS, items__isnull=True).delete()
    for code, storage, day, *_ in STORAGE:
        rule.objects.filter(vaccine_id=code, storage=storage, valid_from=day).delete()
    for code, vials, doses in PACKS:
        pack.objects.filter(vaccine_id=code, vials=vials, doses_per_vial=doses, gtin="").delete()
    vaccine.objects.filter(code__in=PRODUCTS).update(
        manufacturer="", published_name="", youngest_age=18, diluent="", dose_millilitres=Decimal("0.5")
    )


class Migration(migrations.Migration):
    """Products and materials."""

    dependencies = [("logistics", "0003_vaccines_and_intervals")]

    operations = [migrations.RunPython(add, remove)]
