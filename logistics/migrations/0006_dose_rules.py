"""The kinds of the four vaccines, the smaller boosters of Spikevax, and the Czech rules of 2021 and 2022 for giving a dose.

Sources: DOMAIN.md 3 (lowest ages of the product information, the days of the labels), 3.1 and 10.6.
- Ages: Comirnaty 16, from July 2021 12; Spikevax 18, from 23 July 2021 12; vectors 18 throughout. That vectors were
  recommended from 60 in 2021 was advice, which stands in no rule here.
- Second dose: 19, 25 and 28 days at least (window of the trials, product information), 42, 42 and 91 at most (the
  longest interval that was given).
- Third dose (booster) by the month when it was offered: 20 September 2021 after 8 months, October 6, 13 December 5; of a
  vaccine of the kind mRNA after any other. From 18 years; Comirnaty from 12 from 24 January 2022 on.
- After the one dose of Janssen 2 months, with the rules of a third dose else (vaccination/doses/limits.py).
- Second booster: 18 July 2022, after 4 months.
- A booster of Spikevax is half a dose, 0.25 ml (product information, 25 October 2021).
Months are kept as days, 30.5 each, rounded down: 243, 183, 152, 122, 61.
"""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PLATFORMS = {"comirnaty": "MRNA", "spikevax": "MRNA", "vaxzevria": "VECTOR", "janssen": "VECTOR"}

START = {
    "comirnaty": date(2020, 12, 26),
    "spikevax": date(2021, 1, 6),
    "vaxzevria": date(2021, 1, 29),
    "janssen": date(2021, 3, 11),
}
BOOSTERS = date(2021, 9, 20)
SIX_MONTHS = date(2021, 10, 1)
FIVE_MONTHS = date(2021, 12, 13)
YOUNG_BOOSTERS = date(2022, 1, 24)
SECOND_BOOSTERS = date(2022, 7, 18)

# vaccine, dose, valid from, youngest age, at least, at most (days), after another vaccine
RULES = (
    ("comirnaty", 1, START["comirnaty"], 16, None, None, False),
    ("comirnaty", 1, date(2021, 7, 1), 12, None, None, False),
    ("comirnaty", 2, START["comirnaty"], 16, 19, 42, False),
    ("comirnaty", 2, date(2021, 7, 1), 12, 19, 42, False),
    ("comirnaty", 3, BOOSTERS, 18, 243, None, True),
    ("comirnaty", 3, SIX_MONTHS, 18, 183, None, True),
    ("comirnaty", 3, FIVE_MONTHS, 18, 152, None, True),
    ("comirnaty", 3, YOUNG_BOOSTERS, 12, 152, None, True),
    ("comirnaty", 4, SECOND_BOOSTERS, 18, 122, None, True),
    ("spikevax", 1, START["spikevax"], 18, None, None, False),
    ("spikevax", 1, date(2021, 7, 23), 12, None, None, False),
    ("spikevax", 2, START["spikevax"], 18, 25, 42, False),
    ("spikevax", 2, date(2021, 7, 23), 12, 25, 42, False),
    ("spikevax", 3, BOOSTERS, 18, 243, None, True),
    ("spikevax", 3, SIX_MONTHS, 18, 183, None, True),
    ("spikevax", 3, FIVE_MONTHS, 18, 152, None, True),
    ("spikevax", 4, SECOND_BOOSTERS, 18, 122, None, True),
    ("vaxzevria", 1, START["vaxzevria"], 18, None, None, False),
    ("vaxzevria", 2, START["vaxzevria"], 18, 28, 91, False),
    ("janssen", 1, START["janssen"], 18, None, None, False),
    ("janssen", 2, BOOSTERS, 18, 61, None, False),
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them; what somebody added by hand stays."""
    vaccine, rule = apps.get_model("logistics", "Vaccine"), apps.get_model("logistics", "DoseRule")
    for code, platform in PLATFORMS.items():
        vaccine.objects.filter(code=code, platform="").update(platform=platform)
    vaccine.objects.filter(code="spikevax", booster_millilitres=None).update(booster_millilitres="0.25")
    known = set(vaccine.objects.values_list("code", flat=True))
    rule.objects.bulk_create(
        [
            rule(
                vaccine_id=code,
                dose_number=number,
                valid_from=day,
                youngest_age=age,
                min_days=low,
                max_days=high,
                may_follow_another=may_follow_another,
            )
            for code, number, day, age, low, high, may_follow_another in RULES
            if code in known
        ],
        ignore_conflicts=True,
    )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete the rules; the kinds and the boosters stay."""
    rules = apps.get_model("logistics", "DoseRule").objects
    for code, number, day, *_rest in RULES:
        rules.filter(vaccine=code, dose_number=number, valid_from=day).delete()


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("logistics", "0005_rules_of_doses")]

    operations = [migrations.RunPython(add, remove)]
