"""The first version of the questions before a vaccination, with what the answers mean.

The ministry's eight questions of 2021: ill now, had covid, vaccinated already, severe reaction after a vaccination,
bleeding, immunity, pregnancy, another vaccine within 14 days. Sites added the others: allergy to a component, earlier
immediate allergic reactions, quarantine, treatment with antibodies, thrombosis after a vector vaccine. The words are
ours, for people over 80.

Sources of the effects and their days: DOMAIN 10.1 (covid: 3 months after isolation, lifted on 25 June 2021, from
December 2021 advice only; another vaccine: 14 days, from June 2021 the same day in the other arm; pregnancy: a relative
contraindication, from 3 June 2021 after week 12 and mRNA only, from September recommended in any week; anaphylaxis
stops, and severe means adrenaline or hospital), DOMAIN 10.2 (30 minutes after an immediate allergic reaction to any
vaccine or injection, and after anaphylaxis of any cause), and product information (acute severe illness postpones a
dose, a mild one does not; bleeding; immunity). Without a source, and so for the ministry to judge: 38 °C as the line of
a fever, a warning for protein vaccines in pregnancy, and the stop of vector vaccines after thrombosis.

'I do not know' needs no rows: it warns where 'yes' warns or stops (vaccination/questions/answers.py).
"""

from dataclasses import dataclass
from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

VERSION = 1
# The first vaccinations in the country.
START = date(2020, 12, 27)

NONE, WARN, STOP = "NONE", "WARN", "STOP"
ANY, PROTEIN, VECTOR = "", "PROTEIN", "VECTOR"
ALLERGIC = 30  # minutes of observation


@dataclass(frozen=True)
class Effect:
    """What 'yes' means from a day on."""

    valid_from: date
    kind: str
    cs: str = ""
    en: str = ""
    platform: str = ANY
    observe: int | None = None


@dataclass(frozen=True)
class Question:
    """A question with its explanation."""

    code: str
    cs: str
    en: str
    help_cs: str
    help_en: str
    effects: tuple[Effect, ...] = ()


QUESTIONS = (
    Question(
        "ill",
        "Máte dnes horečku, nebo jste vážně nemocní?",
        "Do you have a fever today, or are you seriously ill?",
        "Horečka je 38 °C a více. Rýma nebo slabý kašel nevadí: odpovězte ne.",
        "A fever is 38 °C or more. A cold or a slight cough does not matter: answer no.",
        (
            Effect(
                START,
                STOP,
                "Odložte očkování do uzdravení. Mírná nemoc nebo zvýšená teplota důvodem k odkladu není.",
                "Postpone the dose until recovery. A mild illness or a slightly raised temperature is no reason to wait.",
            ),
        ),
    ),
    Question(
        "quarantine",
        "Máte nařízenou karanténu nebo izolaci?",
        "Are you in quarantine or in isolation?",
        "Karanténu nařizuje hygienická stanice nebo lékař.",
        "A public health office or a doctor orders it.",
        (
            Effect(
                START,
                STOP,
                "Odložte očkování do konce karantény nebo izolace.",
                "Postpone the dose until the quarantine or isolation ends.",
            ),
        ),
    ),
    Question(
        "had-covid",
        "Prodělali jste covid-19, nebo jste měli pozitivní test PCR?",
        "Have you had covid-19 or a positive PCR test?",
        "Pokud ano, napište, kdy to přibližně bylo.",
        "If so, write roughly when it was.",
        (
            Effect(
                START,
                WARN,
                "Očkujte nejdříve tři měsíce po konci izolace.",
                "Vaccinate three months after the end of isolation at the earliest.",
            ),
            Effect(date(2021, 6, 25), NONE),
            Effect(
                date(2021, 12, 1),
                WARN,
                "Doporučuje se počkat tři až šest měsíců. Kdo se už uzdravil, toho neodmítejte.",
                "Three to six months are advised. Do not refuse anybody who has recovered.",
            ),
        ),
    ),
    Question(
        "antibodies",
        "Léčili vás v posledních třech měsících protilátkami nebo krevní plazmou proti covidu-19?",
        "Were you treated with antibodies or blood plasma against covid-19 in the last three months?",
        "Takovou léčbu dává nemocnice.",
        "Hospitals give this treatment.",
        (
            Effect(
                START,
                WARN,
                "Očkujte nejdříve tři měsíce po této léčbě.",
                "Vaccinate three months after this treatment at the earliest.",
            ),
        ),
    ),
    Question(
        "vaccinated",
        "Dostali jste už očkování proti covidu-19?",
        "Have you been vaccinated against covid-19 before?",
        "Také v jiné zemi. Pokud ano, napište, kdy to bylo a jakou látkou.",
        "In another country too. If so, write when it was and with which vaccine.",
    ),
    Question(
        "severe-reaction",
        "Měli jste někdy po očkování těžkou alergickou reakci?",
        "Have you ever had a severe allergic reaction after a vaccination?",
        "Těžká je taková, po které musel přijet lékař, dostali jste adrenalin nebo jste museli do nemocnice.",
        "Severe means that you needed a doctor at once, got adrenaline, or had to go to hospital.",
        (
            Effect(
                START,
                STOP,
                "Po anafylaxi na dřívější dávku neočkujte stejnou látkou. Po jiném očkování rozhodne lékař.",
                "After anaphylaxis to an earlier dose, do not use this vaccine. After other vaccines the doctor decides.",
                observe=ALLERGIC,
            ),
        ),
    ),
    Question(
        "component-allergy",
        "Měli jste těžkou alergickou reakci na některou složku vakcíny?",
        "Have you had a severe allergic reaction to something that is in the vaccine?",
        "Například na polyethylenglykol (PEG, macrogol) nebo polysorbát. Jsou v některých lécích.",
        "Such as polyethylene glycol (PEG, macrogol) or polysorbate. Some medicines contain them.",
        (
            Effect(
                START,
                STOP,
                "Neočkujte látkou, která tuto složku obsahuje.",
                "Do not use a vaccine that contains it.",
                observe=ALLERGIC,
            ),
        ),
    ),
    Question(
        "immediate-allergy",
        "Měli jste někdy alergickou reakci hned po injekci, nebo anafylaxi z jakékoli příčiny?",
        "Have you ever had an allergic reaction right after an injection, or anaphylaxis for any reason?",
        "Například vyrážku, otok nebo dušnost, také po včelím bodnutí nebo po jídle.",
        "Such as a rash, a swelling or trouble breathing, also after a bee sting or food.",
        (
            Effect(
                START,
                WARN,
                "Zeptejte se, po čem reakce byla a jak proběhla.",
                "Ask what the reaction was to, and how it went.",
                observe=ALLERGIC,
            ),
        ),
    ),
    Question(
        "bleeding",
        "Máte poruchu srážení krve, nebo berete léky na ředění krve?",
        "Do you have a bleeding disorder, or do you take blood thinners?",
        "Například Warfarin, Pradaxa, Xarelto nebo Eliquis.",
        "Such as Warfarin, Pradaxa, Xarelto or Eliquis.",
        (
            Effect(
                START,
                WARN,
                "Použijte tenkou jehlu a místo vpichu déle stlačte.",
                "Use a thin needle and press the place longer.",
            ),
        ),
    ),
    Question(
        "immunity",
        "Máte závažnou poruchu imunity?",
        "Do you have a serious disorder of the immune system?",
        "Také když imunitu snižují léky, například po transplantaci nebo při léčbě nádoru.",
        "Also where medicines weaken it, such as after a transplant or in the treatment of cancer.",
        (
            Effect(
                START,
                WARN,
                "Očkování je možné, ochrana může být slabší.",
                "Vaccination is possible, the protection may be weaker.",
            ),
        ),
    ),
    Question(
        "pregnant",
        "Jste těhotná, nebo kojíte?",
        "Are you pregnant or breastfeeding?",
        "Koho se to netýká, odpoví ne.",
        "If this does not concern you, answer no.",
        (
            Effect(
                START,
                WARN,
                "Očkujte, jen když je prospěch větší než riziko. Rozhodne lékař.",
                "Vaccinate only where the benefit is greater than the risk. The doctor decides.",
            ),
            Effect(
                date(2021, 6, 3),
                WARN,
                "V těhotenství očkujte až po 12. týdnu a jen látkou mRNA.",
                "In pregnancy vaccinate after week 12 only, and with mRNA only.",
            ),
            Effect(
                date(2021, 6, 3),
                STOP,
                "V těhotenství očkujte jen látkou mRNA.",
                "In pregnancy vaccinate with mRNA only.",
                VECTOR,
            ),
            Effect(
                date(2021, 6, 3),
                WARN,
                "V těhotenství se očkuje látkou mRNA.",
                "In pregnancy mRNA is the vaccine to use.",
                PROTEIN,
            ),
            Effect(
                date(2021, 9, 1),
                NONE,
                "Očkování se doporučuje v kterémkoli týdnu.",
                "Vaccination is recommended in any week.",
            ),
        ),
    ),
    Question(
        "other-vaccine",
        "Dostali jste v posledních 14 dnech jiné očkování?",
        "Have you had another vaccination in the last 14 days?",
        "Například proti chřipce nebo proti klíšťové encefalitidě.",
        "Such as against flu or tick-borne encephalitis.",
        (
            Effect(
                START,
                WARN,
                "Očkujte nejdříve 14 dní po jiném očkování.",
                "Vaccinate 14 days after the other vaccine at the earliest.",
            ),
            Effect(
                date(2021, 6, 1),
                NONE,
                "Lze očkovat i týž den, do druhé paže.",
                "The same day is possible, in the other arm.",
            ),
        ),
    ),
    Question(
        "thrombosis",
        "Měli jste po očkování proti covidu-19 krevní sraženinu (trombózu) a málo krevních destiček?",
        "After a vaccination against covid-19, did you have a blood clot (thrombosis) and low blood platelets?",
        "Stává se to velmi vzácně. Lékař by vám to řekl.",
        "This is very rare. A doctor would have told you.",
        (
            Effect(
                START,
                STOP,
                "Neočkujte vektorovou látkou (Vaxzevria, Janssen).",
                "Do not use a vector vaccine (Vaxzevria, Janssen).",
                VECTOR,
            ),
        ),
    ),
)


def add(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the version, unless there is one of this number."""
    model = {name: apps.get_model("vaccination", name) for name in ("Questionnaire", "Question", "AnswerEffect")}
    version, is_new = model["Questionnaire"].objects.get_or_create(number=VERSION, defaults={"valid_from": START})
    if not is_new:
        return
    for position, asked in enumerate(QUESTIONS, start=1):
        question = model["Question"].objects.create(
            questionnaire=version,
            code=asked.code,
            position=position,
            text_cs=asked.cs,
            text_en=asked.en,
            help_cs=asked.help_cs,
            help_en=asked.help_en,
        )
        model["AnswerEffect"].objects.bulk_create(
            model["AnswerEffect"](
                question=question,
                answer="YES",
                platform=effect.platform,
                valid_from=effect.valid_from,
                kind=effect.kind,
                advice_cs=effect.cs,
                advice_en=effect.en,
                observe_minutes=effect.observe,
            )
            for effect in asked.effects
        )


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Delete the version; refused by the database once somebody answered it."""
    apps.get_model("vaccination", "Questionnaire").objects.filter(number=VERSION).delete()


class Migration(migrations.Migration):
    """Questions before a vaccination."""

    dependencies = [("vaccination", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
