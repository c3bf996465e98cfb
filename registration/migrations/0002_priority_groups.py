"""The priority groups of 2021 (DOMAIN 4.2 scores, 4.3 names); at the launch only 80+ is open."""

from django.db import migrations

# Lowest age: score (DOMAIN 4.2). Below 60 the press names one and the same rest.
AGES = {80: 13, 70: 7, 65: 3, 60: 2, 55: 1, 50: 1, 45: 1, 40: 1, 35: 1, 30: 1, 16: 1}

# Groups that the ministry's table does not score wait with the rest; the scores are data and may be changed.
REASONS = [
    (
        "care-home-clients",
        "HEALTH",
        14,
        "Klient domova pro seniory nebo domova se zvláštním režimem",
        "Client of a home for seniors or of a special-regime home",
    ),
    (
        "health-workers",
        "PROFESSION",
        11,
        "Zdravotnický pracovník (§ 76 a 77 zákona č. 372/2011 Sb.)",
        "Health worker (sections 76 and 77 of Act No. 372/2011)",
    ),
    (
        "covid-care-workers",
        "PROFESSION",
        11,
        "Nezdravotnický pracovník, který pečuje o pacienty s covidem-19",
        "Non-health worker who cares for covid-19 patients",
    ),
    (
        "school-staff",
        "PROFESSION",
        6,
        "Pedagogický pracovník nebo jiný zaměstnanec školy",
        "Teacher or another employee of a school",
    ),
    ("critical-infrastructure", "PROFESSION", 5, "Pracovník kritické infrastruktury", "Critical infrastructure worker"),
    ("social-services-staff", "PROFESSION", 5, "Pracovník v sociálních službách", "Social services worker"),
    (
        "health-administration",
        "PROFESSION",
        5,
        "Technický nebo administrativní pracovník ve zdravotnickém zařízení",
        "Technical or administrative worker in a health facility",
    ),
    (
        "chronic-first",
        "HEALTH",
        5,
        "Osoba s vážným chronickým onemocněním (potvrdí lékař)",
        "Person with a serious chronic disease (confirmed by a doctor)",
    ),
    (
        "chronic-second",
        "HEALTH",
        4,
        "Osoba s chronickým onemocněním, druhá skupina (potvrdí lékař)",
        "Person with a chronic disease, second group (confirmed by a doctor)",
    ),
    (
        "carers",
        "HEALTH",
        4,
        "Osoba pečující o osobu ve III. nebo IV. stupni závislosti",
        "Carer of a person with the third or fourth degree of dependence",
    ),
    ("academic-staff", "PROFESSION", 1, "Akademický pracovník vysoké školy", "Academic worker of a university"),
    ("defence-staff", "PROFESSION", 1, "Zaměstnanec Ministerstva obrany", "Employee of the Ministry of Defence"),
]


def _age_names(ages):
    """Lowest age: its name in Czech and in English; the age below the next group's is the highest."""
    highest = None
    for lowest in ages:
        span = f"{lowest}+" if highest is None else f"{lowest}–{highest}"
        yield lowest, f"Věk {span}", f"Age {span}"
        highest = lowest - 1


def create(apps, schema_editor):
    """Write the groups; one that is there already stays as it is."""
    group = apps.get_model("registration", "PriorityGroup")
    groups = [
        group(
            code=f"age-{lowest}",
            name_cs=czech,
            name_en=english,
            basis="AGE",
            score=AGES[lowest],
            min_age=lowest,
            is_open=lowest == 80,
        )
        for lowest, czech, english in _age_names(AGES)
    ]
    groups += [
        group(code=code, name_cs=czech, name_en=english, basis=basis, score=score)
        for code, basis, score, czech, english in REASONS
    ]
    group.objects.bulk_create(groups, ignore_conflicts=True)


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
