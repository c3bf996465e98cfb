"""The priority groups and rules of 2021 (slides: phases; DOMAIN 4.2 scores and openings, 4.3 names).

Times that no source names are the assumption of this project: 27 February for critical infrastructure, universities and
the defence, 11 May for 45 to 49, 1 July for 12 to 15. Children under 12 have no time. Names: Czech, English, Ukrainian, Vietnamese.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import migrations

PRAGUE = ZoneInfo("Europe/Prague")
LANGUAGES = ("cs", "en", "uk", "vi")


def at(text):
    """Eight in the morning of a day in Prague."""
    return datetime.fromisoformat(f"{text}T08:00").replace(tzinfo=PRAGUE)


BEGINNING = at("2021-01-15")

# Lowest age: phase, score, from when people register and are invited.
AGES = {
    80: ("IA", 13, "2021-01-15"),
    70: ("IB", 7, "2021-03-01"),
    65: ("IB", 3, "2021-04-14"),
    60: ("II", 2, "2021-04-23"),
    55: ("II", 1, "2021-04-28"),
    50: ("II", 1, "2021-05-05"),
    45: ("II", 1, "2021-05-11"),
    40: ("II", 1, "2021-05-17"),
    35: ("II", 1, "2021-05-24"),
    30: ("II", 1, "2021-05-26"),
    16: ("II", 1, "2021-06-04"),
    12: ("II", 1, "2021-07-01"),
    5: ("II", 1, None),
}

# Code, basis, phase, score, proof, opening.
REASONS = [
    ("care-home-clients", "HEALTH", "IA", 14, "NONE", "2021-01-15"),
    ("health-workers", "PROFESSION", "IA", 11, "REGISTER", "2021-01-22"),
    ("covid-care-workers", "PROFESSION", "IA", 11, "CODE", "2021-01-22"),
    ("social-services-staff", "PROFESSION", "IA", 5, "CODE", "2021-01-22"),
    ("health-administration", "PROFESSION", "IA", 5, "CODE", "2021-01-22"),
    ("school-staff", "PROFESSION", "IB", 6, "CODE", "2021-02-27"),
    ("critical-infrastructure", "PROFESSION", "IB", 5, "CODE", "2021-02-27"),
    ("chronic-first", "HEALTH", "IB", 5, "CODE", "2021-03-24"),
    ("chronic-second", "HEALTH", "IB", 4, "CODE", "2021-03-24"),
    ("carers", "HEALTH", "IB", 4, "CODE", "2021-03-24"),
    ("academic-staff", "PROFESSION", "IB", 1, "CODE", "2021-02-27"),
    ("defence-staff", "PROFESSION", "IB", 1, "CODE", "2021-02-27"),
]

NAMES = {
    "care-home-clients": (
        "Klient domova pro seniory nebo domova se zvláštním režimem",
        "Client of a home for seniors or of a special-regime home",
        "Мешканець будинку для літніх людей або закладу зі спеціальним режимом",
        "Người sống trong nhà dưỡng lão hoặc cơ sở chăm sóc đặc biệt",
    ),
    "health-workers": (
        "Zdravotnický pracovník (§ 76 a 77 zákona č. 372/2011 Sb.)",
        "Health worker (sections 76 and 77 of Act No. 372/2011)",
        "Медичний працівник (§ 76 і 77 закону № 372/2011)",
        "Nhân viên y tế (điều 76 và 77 luật số 372/2011)",
    ),
    "covid-care-workers": (
        "Nezdravotnický pracovník, který pečuje o pacienty s covidem-19",
        "Non-health worker who cares for covid-19 patients",
        "Немедичний працівник, який доглядає за пацієнтами з covid-19",
        "Nhân viên không thuộc ngành y chăm sóc bệnh nhân covid-19",
    ),
    "social-services-staff": (
        "Pracovník v sociálních službách",
        "Social services worker",
        "Працівник соціальних служб",
        "Nhân viên dịch vụ xã hội",
    ),
    "health-administration": (
        "Technický nebo administrativní pracovník ve zdravotnickém zařízení",
        "Technical or administrative worker in a health facility",
        "Технічний або адміністративний працівник медичного закладу",
        "Nhân viên kỹ thuật hoặc hành chính trong cơ sở y tế",
    ),
    "school-staff": (
        "Pedagogický pracovník nebo jiný zaměstnanec školy",
        "Teacher or another employee of a school",
        "Педагогічний або інший працівник школи",
        "Giáo viên hoặc nhân viên khác của trường học",
    ),
    "critical-infrastructure": (
        "Pracovník kritické infrastruktury",
        "Critical infrastructure worker",
        "Працівник критичної інфраструктури",
        "Nhân viên hạ tầng thiết yếu",
    ),
    "chronic-first": (
        "Osoba s vážným chronickým onemocněním (potvrdí lékař)",
        "Person with a serious chronic disease (confirmed by a doctor)",
        "Особа з тяжким хронічним захворюванням (підтверджує лікар)",
        "Người mắc bệnh mạn tính nặng (bác sĩ xác nhận)",
    ),
    "chronic-second": (
        "Osoba s chronickým onemocněním, druhá skupina (potvrdí lékař)",
        "Person with a chronic disease, second group (confirmed by a doctor)",
        "Особа з хронічним захворюванням, друга група (підтверджує лікар)",
        "Người mắc bệnh mạn tính, nhóm hai (bác sĩ xác nhận)",
    ),
    "carers": (
        "Osoba pečující o osobu ve III. nebo IV. stupni závislosti",
        "Carer of a person with the third or fourth degree of dependence",
        "Особа, яка доглядає за людиною з III або IV ступенем залежності",
        "Người chăm sóc người phụ thuộc mức độ III hoặc IV",
    ),
    "academic-staff": (
        "Akademický pracovník vysoké školy",
        "Academic worker of a university",
        "Науково-педагогічний працівник університету",
        "Giảng viên đại học",
    ),
    "defence-staff": (
        "Zaměstnanec Ministerstva obrany",
        "Employee of the Ministry of Defence",
        "Працівник Міністерства оборони",
        "Nhân viên Bộ Quốc phòng",
    ),
}


def _age_names(ages):
    """Lowest age: the group's names; the age below the next group's is the highest."""
    highest = None
    for lowest in ages:
        span = f"{lowest}+" if highest is None else f"{lowest}–{highest}"
        yield lowest, dict(zip(LANGUAGES, (f"Věk {span}", f"Age {span}", f"Вік {span}", f"Tuổi {span}"), strict=True))
        highest = lowest - 1


def create(apps, schema_editor):
    """Write the groups, each with the rule that holds from the beginning."""
    group = apps.get_model("registration", "PriorityGroup")
    rule = apps.get_model("registration", "GroupRule")
    groups, rules = [], []
    for lowest, names in _age_names(AGES):
        phase, score, opening = AGES[lowest]
        groups.append(group(code=f"age-{lowest}", names=names, basis="AGE", phase=phase))
        moment = opening and at(opening)
        times = {"registers_from": moment, "invites_from": moment}
        rules.append(rule(group_id=f"age-{lowest}", valid_from=BEGINNING, score=score, min_age=lowest, **times))
    for code, basis, phase, score, proof, opening in REASONS:
        names = dict(zip(LANGUAGES, NAMES[code], strict=True))
        groups.append(group(code=code, names=names, basis=basis, phase=phase))
        times = {"registers_from": at(opening), "invites_from": at(opening)}
        rules.append(rule(group_id=code, valid_from=BEGINNING, score=score, proof=proof, **times))
    group.objects.bulk_create(groups)
    rule.objects.bulk_create(rules)


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0001_initial")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
