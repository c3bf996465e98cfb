"""The people of the demonstration's day: who they are, when they are expected, and how far they have come."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto

from registration.models import Person
from registration.people import identity_document
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber, parse

# The youngest group whose turn it is; a number of somebody born before 1954 has nine digits and needs no check digit.
YOUNGEST, OLDEST = 81, 94
INSURERS = ("111", "201", "205", "207", "209", "211", "213")
STREETS = (
    ("Na Pankráci", "Praha 4", "14000"),
    ("Budějovická", "Praha 4", "14000"),
    ("Jaromírova", "Praha 2", "12800"),
    ("Korunní", "Praha 2", "12000"),
    ("Vršovická", "Praha 10", "10100"),
    ("Zelená", "Říčany", "25101"),
)


class Stage(Enum):
    """How far somebody has come today."""

    GONE = auto()  # vaccinated and gone
    SITTING = auto()  # vaccinated, under observation
    ASKED = auto()  # arrived, their answers are confirmed
    WAITING = auto()  # arrived
    SENT_AWAY = auto()  # arrived and gone without a dose
    EXPECTED = auto()  # not here yet


@dataclass(frozen=True)
class DemoPerson:
    """Somebody of the day, expected so many `minutes` from now.

    `says_yes` are the questions that they answer with 'yes', and their words; `at_home` says whether they filled them
    in at home.
    """

    first_name: str
    last_name: str
    minutes: int
    stage: Stage
    sex: str = Person.Sex.FEMALE
    latin: tuple[str, str] = ("", "")
    country: str = ""
    has_phone: bool = True
    email: str = ""
    at_home: bool = False
    says_yes: Mapping[str, str] = field(default_factory=dict)
    has_second_time: bool = False

    def identity(self, *, today: date, chance: random.Random) -> tuple[InsuredNumber | IdentityDocument, date]:
        """A number or a document that looks real, and the birth date with it."""
        year, month = today.year - chance.randint(YOUNGEST, OLDEST), chance.randint(1, 12)
        born = date(year, month, chance.randint(1, 28))
        if self.country:
            number = f"F{self.country[0]}{chance.randint(100_000, 999_999)}"
            document_type = Person.DocumentType.PASSPORT
            return identity_document.parse(document_type=document_type, country=self.country, number=number), born
        shown = month + (50 if self.sex == Person.Sex.FEMALE else 0)
        digits = f"{year % 100:02}{shown:02}{born.day:02}{chance.randint(1, 999):03}"
        return parse(digits, today=today), born


_MAN = Person.Sex.MALE
PEOPLE = (
    # Vaccinated and gone.
    DemoPerson("Marie", "Součková", -105, Stage.GONE, has_second_time=True),
    DemoPerson("Josef", "Dvořák", -90, Stage.GONE, sex=_MAN, at_home=True, has_second_time=True),
    DemoPerson("Libuše", "Hájková", -90, Stage.GONE, has_second_time=True),
    DemoPerson("Zdeňka", "Říhová", -75, Stage.GONE),
    DemoPerson("Otakar", "Kříž", -75, Stage.GONE, sex=_MAN, at_home=True, has_second_time=True),
    # In the chairs; the first one's time is over.
    DemoPerson("Drahomíra", "Veselá", -30, Stage.SITTING, at_home=True, has_second_time=True),
    DemoPerson("Bohumil", "Pospíšil", -15, Stage.SITTING, sex=_MAN, has_second_time=True),
    DemoPerson(
        "Věnceslava",
        "Zemanová",
        -30,
        Stage.SITTING,
        at_home=True,
        says_yes={"immediate-allergy": "Po včelím bodnutí otok obličeje, před dvaceti lety."},
    ),
    # Here and not vaccinated yet.
    DemoPerson("Jaroslava", "Nguyenová", -15, Stage.ASKED),
    DemoPerson("Květoslav", "Beneš", -15, Stage.WAITING, sex=_MAN, at_home=True),
    DemoPerson(
        "Anežka",
        "Šťastná",
        -15,
        Stage.WAITING,
        at_home=True,
        says_yes={"bleeding": "Warfarin.", "had-covid": "Loni na jaře."},
    ),
    DemoPerson("Оксана", "Шевченко", -10, Stage.WAITING, latin=("OKSANA", "SHEVCHENKO"), country="UA", has_phone=False),
    # One went home with a fever, two are late.
    DemoPerson("Růžena", "Malá", -60, Stage.SENT_AWAY),
    DemoPerson("Vlastimil", "Kučera", -60, Stage.EXPECTED, sex=_MAN),
    DemoPerson("Emílie", "Bartošová", -30, Stage.EXPECTED),
    # Expected.
    DemoPerson("Karel", "Novotný", 0, Stage.EXPECTED, sex=_MAN, at_home=True),
    DemoPerson(
        "Stanislav",
        "Urban",
        15,
        Stage.EXPECTED,
        sex=_MAN,
        at_home=True,
        says_yes={"severe-reaction": "Po očkování proti tetanu anafylaktický šok, adrenalin."},
    ),
    DemoPerson("Blažena", "Horáková", 15, Stage.EXPECTED, has_phone=False),
    DemoPerson("Jiřina", "Fialová", 30, Stage.EXPECTED, at_home=True),
    DemoPerson("Milada", "Ježková", 30, Stage.EXPECTED),
    DemoPerson("Ladislav", "Vaněk", 45, Stage.EXPECTED, sex=_MAN, at_home=True),
    DemoPerson("Alžběta", "Králová-Šímová", 45, Stage.EXPECTED),
    DemoPerson("Hedvika", "Jandová", 60, Stage.EXPECTED, at_home=True),
    DemoPerson("Rostislav", "Štěpánek", 60, Stage.EXPECTED, sex=_MAN),
    DemoPerson("Ludmila", "Černá", 75, Stage.EXPECTED),
    DemoPerson("Vratislav", "Mareš", 90, Stage.EXPECTED, sex=_MAN, at_home=True, says_yes={"immunity": "Prednison."}),
    DemoPerson("Božena", "Procházková", 105, Stage.EXPECTED),
    DemoPerson("Miloslava", "Holubová", 120, Stage.EXPECTED, at_home=True),
    DemoPerson("Antonín", "Sedláček", 135, Stage.EXPECTED, sex=_MAN),
)

# Somebody for the second dose, too early; and the day of the first one.
COMES_EARLY = DemoPerson("Jindřiška", "Doležalová", 15, Stage.EXPECTED)
COMES_EARLY_BEFORE = replace(COMES_EARLY, minutes=-120, stage=Stage.GONE)
CAME_BEFORE = (
    DemoPerson("Svatopluk", "Hruška", -120, Stage.GONE, sex=_MAN),
    DemoPerson("Bedřiška", "Kolářová", -105, Stage.GONE),
    DemoPerson("Dobromila", "Vlčková", -105, Stage.GONE),
    DemoPerson("Oldřich", "Matějka", -90, Stage.GONE, sex=_MAN),
    DemoPerson("Radmila", "Tichá", -75, Stage.GONE),
)

# Those who come today for the second dose in time. All but one were through before the others: their series are
# complete. Of one the site does not know yet how the passport spells the name.
COME_FOR_SECOND = (
    DemoPerson("Jarmila", "Bílková", -114, Stage.GONE, email="jarmila.bilkova@example.cz"),
    DemoPerson("Miroslav", "Doubek", -112, Stage.GONE, sex=_MAN, email="miroslav.doubek@example.cz", has_phone=False),
    DemoPerson("Vlasta", "Šimková", -110, Stage.GONE),
    DemoPerson("Олена", "Коваленко", -108, Stage.GONE, country="UA", has_phone=False),
    DemoPerson("Eva", "Hronková", 10, Stage.EXPECTED, email="eva.hronkova@example.cz", at_home=True),
    DemoPerson("František", "Nguyễn", -104, Stage.GONE, sex=_MAN, has_phone=False),
)
COME_FOR_SECOND_BEFORE = tuple(
    replace(who, minutes=minutes, stage=Stage.GONE)
    for who, minutes in zip(COME_FOR_SECOND, range(-120, -60, 10), strict=True)
)
