"""The demonstration's help desks: a plausible morning of both, made through the operations as it would have happened.

The receipts and answers go to the local inbox, where a newcomer reads them and writes back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.conf import settings
from django.contrib.auth.models import User

from crs.sent_forms import NO_FORM
from support.incidents import running
from support.incidents.running import IncidentFacts
from support.mail_in.receiving import accept
from support.mail_out import sending
from support.models import CannedAnswer, Category, Desk, Incident, Letter, Ticket
from support.tickets import claims, classification, levels, merging, notes, states

L1, L2, L3, LEAD = "podpora1", "podpora2", "podpora3", "podpora"


@dataclass(frozen=True)
class DemoLetter:
    """A letter of the morning, so many minutes ago; `about` is the code of a category ("": nobody sorted it yet)."""

    minutes: int
    desk: Desk
    name: str
    address: str
    subject: str
    text: str
    about: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    file: tuple[str, str] = ("", "")


LETTERS = {
    "code": DemoLetter(
        205,
        Desk.SITES,
        "Radka Registrátorová",
        "registrace@crs.example",
        "Kolegyni nechodí kód pro přihlášení",
        "Dobrý den,\n\nkolegyně má od včerejška nový telefon a aplikace jí nedává kód. Heslo zná. "
        "Dnes má službu od devíti.\n\nDěkujeme\nRadka Registrátorová, očkovací místo",
        "login",
    ),
    "scanner": DemoLetter(
        188,
        Desk.SITES,
        "Olga Očkovací",
        "ockovani@crs.example",
        "Čtečka nepřečte kód na krabici",
        "Hezký den, ze tří krabic vakcíny nejde načíst kód. Píše to, že šarže není známá. "
        "Šarže je EX3617. Můžeme z ní očkovat?\n\nOlga",
        "stock",
    ),
    "scanner-again": DemoLetter(
        171,
        Desk.SITES,
        "Slávek Skladník",
        "sklad@crs.example",
        "šarže EX3617",
        "Dobrý den, šarže EX3617 není v systému, kolegyně už také psala. Lednice je plná, prosím rychle.",
        "stock",
    ),
    "name": DemoLetter(
        164,
        Desk.SITES,
        "Věra Vedoucí",
        "vedouci@crs.example",
        "Certifikát má špatně jméno",
        "Dobrý den,\n\npacientka (rodné číslo 755404/1506) má v cestovním pase jméno Hronkova bez háčků a čárek, "
        "certifikát má v druhém řádku něco jiného. Odlétá v pátek.\n\nS pozdravem\nVěra Vedoucí",
        "certificates",
    ),
    "hours": DemoLetter(
        150,
        Desk.SITES,
        "Věra Vedoucí",
        "vedouci@crs.example",
        "Změna otevírací doby od pondělí",
        "Dobrý den, od pondělí máme otevřeno už od 7:00. Kde se to mění, prosím?",
        "site",
    ),
    "second-dose": DemoLetter(
        142,
        Desk.LINE,
        "Operátor 47",
        "operator47@linka1221.example",
        "Volající nemůže na druhou dávku v termínu",
        "Volala paní, které termín druhé dávky vychází na den operace. Chce o týden později. "
        "Číslo registrace uvádí do telefonu, v dopise ho neposílám.",
        "reservations",
    ),
    "no-phone": DemoLetter(
        131,
        Desk.LINE,
        "Operátorka 12",
        "operator12@linka1221.example",
        "Pán bez mobilu (88 let)",
        "Dobrý den, volal pán, 88 let, nemá mobil ani e-mail. Vnuk je v cizině. Jak se má registrovat?",
        "registration",
    ),
    "pin": DemoLetter(
        118,
        Desk.LINE,
        "Operátor 33",
        "operator33@linka1221.example",
        "PIN přišel po dvaceti minutách",
        "Tři volající během rána: PIN ke zpětnému ověření přišel až po 20 minutách a už neplatil.",
        "outage",
    ),
    "screenshot": DemoLetter(
        96,
        Desk.SITES,
        "MUDr. Jan Novotný",
        "novotny@nemocnice.example",
        "Nejde vytisknout potvrzení",
        "Dobrý den, po kliknutí na tisk se nic nestane. Posílám, co píše prohlížeč.\n\nNovotný",
        file=("chyba.txt", "Chyba tisku: tiskárna HP-2 není připojena.\n"),
    ),
    "away": DemoLetter(
        88,
        Desk.SITES,
        "MUDr. Jan Novotný",
        "novotny@nemocnice.example",
        "Automatická odpověď: nejsem v kanceláři",
        "Děkuji za zprávu. Do pátku jsem na dovolené.",
        headers=(("Auto-Submitted", "auto-replied"),),
    ),
    "freezer": DemoLetter(
        64,
        Desk.SITES,
        "Slávek Skladník",
        "sklad@crs.example",
        "Mrazák hlásil v noci poruchu",
        "V noci od 2:10 do 2:50 bylo v mrazáku -52 °C. Záznam z čidla máme. Co s vakcínou?",
    ),
    "english": DemoLetter(
        52,
        Desk.LINE,
        "Operator 5",
        "operator5@linka1221.example",
        "Caller without a Czech insurance number",
        "Hello,\n\nthe caller works here, has a residence permit and no Czech insurance. "
        "Which number does she type?\n\nRegards, operator 5",
    ),
    "relatives": DemoLetter(
        33,
        Desk.LINE,
        "Operátorka 12",
        "operator12@linka1221.example",
        "Dcera objednává oba rodiče",
        "Volající chce oba rodiče na stejný den a čas. Jde to z jednoho telefonu?",
    ),
    "thanks": DemoLetter(
        14,
        Desk.SITES,
        "Jitka Sestřičková",
        "sestrickova@poliklinika.example",
        "Kde najdu výkaz za minulý týden",
        "Dobrý den, vedení chce počet dávek za minulý týden. Kde to v systému je?",
    ),
}

CANNED = (
    (
        "Nový telefon: obnova kódu",
        "login",
        "Dobrý den,\n\nnový telefon spáruje vedoucí Vašeho očkovacího místa: Můj účet → Lidé na místě → "
        "Zrušit druhý faktor. Při dalším přihlášení systém nabídne nové párování.\n\n{agent}",
        "Hello,\n\nthe manager of your site removes the old telephone: My account → Staff of the site → "
        "Reset the second factor. The next log-in offers to set up the new one.\n\n{agent}",
    ),
    (
        "Šarže není známá",
        "stock",
        "Dobrý den,\n\nšarži zapíše distributor, když odešle dodávku. Do té doby z ní prosím neočkujte. "
        "Požadavek {number} necháváme otevřený a ozveme se.\n\n{agent}",
        "Hello,\n\nthe distributor records a batch with its delivery. Please do not use it until then. "
        "We keep ticket {number} open and come back to you.\n\n{agent}",
    ),
    (
        "Bez mobilu: registrace na místě",
        "registration",
        "Dobrý den,\n\nkdo nemá telefon, toho zaregistruje kterékoli očkovací místo. Stačí doklad nebo karta "
        "pojištěnce; termín místo domluví a vytiskne.\n\n{agent}",
        "Hello,\n\nany vaccination site registers people without a telephone; a document or the card of the insurer is "
        "enough. The site arranges and prints the time.\n\n{agent}",
    ),
)


def load(*, now: datetime) -> int:
    """Fill both desks where nobody has written yet; returns how many letters came."""
    if Letter.objects.exists():
        return 0
    people = {user.username: user for user in User.objects.filter(username__in=(L1, L2, L3, LEAD))}
    _prepare_answers()
    tickets = {key: _receive(letter, now=now) for key, letter in LETTERS.items()}
    _work(tickets, people, now=now)
    return len(tickets)


def _receive(letter: DemoLetter, *, now: datetime) -> Ticket:
    came_at = now - timedelta(minutes=letter.minutes)
    mail = EmailMessage()
    address = settings.SUPPORT_ADDRESSES[letter.desk]
    mail["From"] = f'"{letter.name}" <{letter.address}>'
    mail["To"], mail["Subject"], mail["Date"] = address, letter.subject, format_datetime(came_at)
    mail["Message-ID"] = f"<demo-{letter.minutes}-{came_at:%Y%m%d%H%M}@crs.example>"
    for name, value in letter.headers:
        mail[name] = value
    mail.set_content(letter.text)
    if letter.file[0]:
        mail.add_attachment(letter.file[1], filename=letter.file[0])
    kept = accept(
        mail.as_bytes(), desk=letter.desk, envelope_sender=letter.address, envelope_recipient=address, now=came_at
    )
    ticket = kept.ticket
    if ticket is None:
        raise RuntimeError(f"The letter {letter.subject!r} of the demonstration was not filed.")
    return ticket


def _work(tickets: dict[str, Ticket], people: dict[str, User], *, now: datetime) -> None:
    """What the desks did until now."""

    def at(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    for key, letter in LETTERS.items():
        if letter.about:
            _sort(tickets[key], letter, people, now=at(letter.minutes - 4))
    first, second, third = people[L1], people[L2], people[L3]
    canned = CannedAnswer.objects.get(title=CANNED[0][0])
    _answer(tickets["code"], canned.text_cs.replace("{agent}", "Pavel Polní"), first, at(180), waits=True)
    levels.escalate(
        ticket=_claimed(tickets["scanner"], first, at(170)),
        reason="Šarži EX3617 v systému nevidím, potřebuje distributora.",
        by=first,
        now=at(170),
    )
    merging.merge(ticket=tickets["scanner-again"], into=tickets["scanner"], by=second, now=at(160))
    _answer(
        tickets["scanner"],
        "Dobrý den, distributor šarži EX3617 dnes doplní. Do té doby z ní prosím neočkujte.\n\nDita Dispečerská",
        second,
        at(155),
        waits=False,
    )
    for agent, minutes, why in (
        (first, 150, "Jde o zápis jména podle pasu, to na první úrovni neumíme."),
        (second, 120, "Prosím o kontrolu přepisu podle ICAO 9303."),
    ):
        ticket = _claimed(tickets["name"], agent, at(minutes))
        levels.escalate(ticket=ticket, reason=why, by=agent, now=at(minutes))
    _claimed(tickets["name"], third, at(100))
    notes.add_note(ticket=tickets["name"], text="Volám na místo, ať přinese pas k porovnání.", by=third, now=at(95))
    _answer(
        tickets["hours"],
        "Dobrý den, otevírací dobu mění vedoucí místa: Správa → Očkovací místa → Otevírací doba.\n\nPavel Polní",
        first,
        at(130),
        waits=False,
    )
    states.resolve(ticket=tickets["hours"], by=first, now=at(129))
    claims.claim(ticket=tickets["second-dose"], by=second, now=at(3))
    claims.assign(ticket=tickets["no-phone"], to=second, by=people[LEAD], now=at(110))
    facts = IncidentFacts(
        title_cs="SMS s PINem chodily pozdě",
        title_en="SMS with a PIN came late",
        text_cs="Operátor sítě odesílal SMS se zpožděním až 25 minut. O nový PIN lze požádat na stránce.",
        text_en="The network delivered SMS up to 25 minutes late. You can ask for another PIN on the page.",
        severity=Incident.Severity.DEGRADED,
        is_for_citizens=True,
        began_at=at(170),
    )
    incident = running.declare(facts=facts, by=people[LEAD], now=at(115), form=NO_FORM)
    running.link(ticket=tickets["pin"], incident=incident, by=people[LEAD])
    running.add_news(
        incident=incident,
        text_cs="Operátor sítě potvrdil poruchu a přepojil provoz.",
        text_en="The network confirmed the fault and rerouted the traffic.",
        by=people[LEAD],
        now=at(100),
        form=NO_FORM,
    )
    running.end(incident=incident, ended_at=at(75), by=people[LEAD], form=NO_FORM)


def _claimed(ticket: Ticket, by: User, now: datetime) -> Ticket:
    return claims.claim(ticket=ticket, by=by, now=now)


def _answer(ticket: Ticket, text: str, by: User, now: datetime, *, waits: bool) -> None:
    sending.answer(ticket=_claimed(ticket, by, now), text=text, by=by, now=now, form=NO_FORM, waits=waits)


def _sort(ticket: Ticket, letter: DemoLetter, people: dict[str, User], *, now: datetime) -> None:
    by = people[L1 if letter.desk == Desk.SITES else L2]
    classification.classify(
        ticket=_claimed(ticket, by, now),
        desk=letter.desk,
        priority=Ticket.Priority.HIGH if letter.about in ("stock", "outage") else Ticket.Priority.NORMAL,
        category=Category.objects.get(code=letter.about),
        site=ticket.site,
        by=by,
        now=now,
    )
    claims.release(ticket=ticket, by=by, now=now)


def _prepare_answers() -> None:
    for title, category, czech, english in CANNED:
        about = Category.objects.get(code=category)
        CannedAnswer.objects.get_or_create(
            title=title, desk="", defaults={"text_cs": czech, "text_en": english, "category": about}
        )
