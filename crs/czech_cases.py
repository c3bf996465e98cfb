"""The names of models in the cases that Czech sentences of the administration need: 'zobrazit osobu', '8 rezervací'.

A model is called by its Czech name in the first case, as its `verbose_name` is translated. A name that is not here
stays as it is; `tests/crs/test_czech_cases.py` names those of the screens that lack a row.
"""

from django.utils.translation import get_language

from crs.no_break import breakable

# First case: fourth case, and the second case of many.
_CASES = {
    "balení": ("balení", "balení"),
    "doba sledování": ("dobu sledování", "dob sledování"),
    "dotazník": ("dotazník", "dotazníků"),
    "dávka zneplatnění": ("dávku zneplatnění", "dávek zneplatnění"),
    "kategorie požadavků": ("kategorii požadavků", "kategorií požadavků"),
    "kontakt": ("kontakt", "kontaktů"),
    "kraj": ("kraj", "krajů"),
    "kód číselníku EU": ("kód číselníku EU", "kódů číselníků EU"),
    "kódy EU pro vakcínu": ("kódy EU pro vakcínu", "kódů EU pro vakcíny"),
    "materiál": ("materiál", "materiálů"),
    "načtení seznamu": ("načtení seznamu", "načtení seznamů"),
    "očkovací místo": ("očkovací místo", "očkovacích míst"),
    "odeslání certifikátu": ("odeslání certifikátu", "odeslání certifikátů"),
    "odstup mezi dávkami": ("odstup mezi dávkami", "odstupů mezi dávkami"),
    "okres": ("okres", "okresů"),
    "osoba": ("osobu", "osob"),
    "otázka": ("otázku", "otázek"),
    "otevírací doba dne v týdnu": ("otevírací dobu dne v týdnu", "otevíracích dob dnů v týdnu"),
    "podepisující": ("podepisujícího", "podepisujících"),
    "podpisový klíč": ("podpisový klíč", "podpisových klíčů"),
    "pokus o registraci z jiného telefonu": (
        "pokus o registraci z jiného telefonu",
        "pokusů o registraci z jiného telefonu",
    ),
    "pozvánka": ("pozvánku", "pozvánek"),
    "pozvánka pro pracovníka": ("pozvánku pro pracovníka", "pozvánek pro pracovníky"),
    "pracovní doba a lhůty úrovně": ("pracovní dobu a lhůty úrovně", "pracovních dob a lhůt úrovní"),
    "pravidlo dávky": ("pravidlo dávky", "pravidel dávek"),
    "pravidlo odkladu": ("pravidlo odkladu", "pravidel odkladu"),
    "pravidlo skupiny": ("pravidlo skupiny", "pravidel skupin"),
    "pravidlo uskladnění": ("pravidlo uskladnění", "pravidel uskladnění"),
    "prioritní skupina": ("prioritní skupinu", "prioritních skupin"),
    "registrace": ("registraci", "registrací"),
    "rezervace": ("rezervaci", "rezervací"),
    "role uživatele": ("roli uživatele", "rolí uživatelů"),
    "sklad": ("sklad", "skladů"),
    "skladový doklad": ("skladový doklad", "skladových dokladů"),
    "skladový pohyb": ("skladový pohyb", "skladových pohybů"),
    "skupina": ("skupinu", "skupin"),
    "stav skladu": ("stav skladu", "stavů skladů"),
    "termín": ("termín", "termínů"),
    "uživatel": ("uživatele", "uživatelů"),
    "vakcína": ("vakcínu", "vakcín"),
    "zpráva": ("zprávu", "zpráv"),
    "zápis dávky v certifikátu": ("zápis dávky v certifikátu", "zápisů dávek v certifikátu"),
    "certifikát": ("certifikát", "certifikátů"),
    "účinek odpovědi": ("účinek odpovědi", "účinků odpovědí"),
    "šarže": ("šarži", "šarží"),
    "žádost o certifikát": ("žádost o certifikát", "žádostí o certifikáty"),
}


def is_known(name: str) -> bool:
    """Whether the cases of the name are known."""
    return breakable(name) in _CASES


def whom(name: object) -> str:
    """The name in the fourth case, as in 'show whom?'; in other languages than Czech as it is."""
    return _CASES.get(breakable(str(name)), (str(name), ""))[0] if _speaks_czech() else str(name)


def counted(count: int, one: object, several: object) -> str:
    """What `count` things are called: 'rezervace' one and a few of them, '8 rezervací' more or none."""
    if count == 1:
        return str(one)
    is_many = _speaks_czech() and not 2 <= count <= 4
    return _CASES.get(breakable(str(one)), ("", str(several)))[1] if is_many else str(several)


def _speaks_czech() -> bool:
    return (get_language() or "").startswith("cs")
