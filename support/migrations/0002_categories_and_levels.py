"""The categories and working hours with which the desks begin; the lead changes them in the administration."""

from datetime import time

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CATEGORIES = (
    # code, Czech, English, days kept
    ("login", "Přihlášení a účty", "Log-in and accounts", 180),
    ("reservations", "Rezervace a termíny", "Reservations and appointments", 365),
    ("registration", "Registrace", "Registration", 365),
    ("vaccination", "Očkování a záznam dávky", "Vaccination and the record of a dose", 730),
    ("certificates", "Certifikáty", "Certificates", 730),
    ("stock", "Sklad a závoz vakcín", "Stock and supply of vaccine", 730),
    ("site", "Údaje o očkovacím místě", "Details of the vaccination site", 365),
    ("data", "Osobní údaje", "Personal data", 1095),
    ("outage", "Závada systému", "Fault of the system", 365),
    ("other", "Jiné", "Other", 180),
)
LEVELS = (
    # level, opens, closes, weekends, holidays, minutes to the first answer, minutes at the level
    (1, time(7), time(19), True, True, 60, 240),
    (2, time(7), time(19), True, False, 120, 480),
    (3, time(8), time(16), False, False, 240, 1440),
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them."""
    category, rule = apps.get_model("support", "Category"), apps.get_model("support", "LevelRule")
    for place, (code, czech, english, days) in enumerate(CATEGORIES, start=1):
        category.objects.create(code=code, name_cs=czech, name_en=english, position=place * 10, keeps_days=days)
    for level, opens, closes, weekends, holidays, answer, stay in LEVELS:
        rule.objects.create(
            level=level,
            opens_at=opens,
            closes_at=closes,
            works_on_weekends=weekends,
            works_on_holidays=holidays,
            answer_minutes=answer,
            stay_minutes=stay,
        )


class Migration(migrations.Migration):
    """Categories and levels."""

    dependencies = [("support", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
