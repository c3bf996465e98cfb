"""Letters as they come to help desks, made by code and alike in each run; each is another one."""

from __future__ import annotations

import quopri
import random
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from functools import cache

from support.letters.identity import identity
from support.letters.sorting import NULL_SENDER
from tests.support.nasty_letters import LETTERS
from tests.support.nasty_letters.building import PNG, Nasty, attached, between, group, letter, part, parts

SITES, LINE = "podpora@localhost", "1221@localhost"
# Of each hundred.
SHARES = {
    "plain": 24,
    "cp1250": 14,
    "text and HTML": 22,
    "HTML alone": 5,
    "file": 10,
    "reply": 18,
    "automatic reply": 4,
    "report": 1,
    "nasty": 2,
}
# So many people write, from a tenth as many hospitals.
PEOPLE = 3_000
MB = 1 << 20
# The bytes of the files of a few: the number that is left of a letter's number in five thousand.
LARGE = {400: 25 * MB} | dict.fromkeys(range(100, 5000, 500), 5 * MB)
_HTML = "text/html; charset=utf-8"
_LARGEST_NASTY = 100_000

_SUBJECTS = (
    "Netiskne tiskárna štítků", "Lednice hlásí teplotu", "Chybí vakcína v objednávce", "Nejde se přihlásit",
    "Pacient má dvě rezervace", "Špatná šarže u očkovaného", "Oprava certifikátu", "Neodešla SMS s PINem",
    "Změna ordinační doby", "Druhá dávka na jiném místě", "Volající chce zrušit termín", "Nový pracovník místa",
)  # fmt: skip
_SENTENCES = (
    "Dobrý den, potřebujeme prosím poradit.",
    "Od rána se nám opakuje stejná chyba a nevíme si rady.",
    "Zkoušeli jsme počítač vypnout a znovu zapnout, nepomohlo to.",
    "V čekárně je třicet lidí, prosíme o rychlou pomoc.",
    "Příště bychom chtěli objednat o dvě stě dávek víc.",
    "Šarže na krabičce nesouhlasí s tím, co ukazuje systém.",
    "Paní přišla na druhou dávku o den dřív, než má termín.",
    "Telefon na nás je v patičce, jsme tu do šesti večer.",
    "Kolegyně dnes není, heslo proto nezná nikdo jiný.",
    "Žlutý štítek se vytiskne, bílý ne.",
    "Posíláme snímek obrazovky v příloze, kdyby pomohl.",
    "Děkujeme a přejeme hezký den.",
)
_STYLE = (
    "<style>" + "p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri;}\n" * 40 + "</style>"
)


@dataclass(frozen=True)
class Thread:
    """A ticket that has its receipt: where answers go, what they answer, and who wrote first."""

    ticket_id: int
    address: str
    message_id: str
    requester: str


@dataclass(frozen=True)
class Coming:
    """A letter with its envelope; a reply with the thread to which it has to come."""

    kind: str
    raw: bytes
    sender: str
    recipient: str = SITES
    thread: Thread | None = None
    # Of a reply.
    message_id: str = ""


def letters(numbers: range, *, threads: Sequence[Thread] = ()) -> list[Coming]:
    """The letters of these numbers. Without `threads` to reply to, replies are plain letters."""
    return [_Letter(number, threads).coming() for number in numbers]


def address_of(person: int) -> str:
    """Of somebody who writes."""
    return f"jana.novakova.{person}@nemocnice{person % (PEOPLE // 10)}.example"


@cache
def _order() -> list[str]:
    """The kinds of a hundred letters, one after the other."""
    names = [name for name, share in SHARES.items() for _ in range(share)]
    random.Random(1221).shuffle(names)
    return names


@cache
def _nasty() -> list[Nasty]:
    """The small ones, each once: two that differ by nothing that counts are one letter."""
    fit = (one for one in LETTERS if len(one.raw) < _LARGEST_NASTY and one.envelope_sender.isascii())
    return list({identity(one.raw): one for one in fit}.values())


class _Letter:
    """The letter of a number."""

    def __init__(self, number: int, threads: Sequence[Thread]) -> None:
        self.number = number
        self.chance = random.Random(number)
        self.kind = "large" if number % 5000 in LARGE else _order()[number % 100]
        self.thread = self.chance.choice(threads) if threads else None
        self.person = self.chance.randrange(PEOPLE)
        self.sender = address_of(self.person)
        self.recipient = SITES if self.chance.random() < 0.7 else LINE

    def coming(self) -> Coming:
        """As its kind says."""
        if self.kind in ("reply", "automatic reply") and self.thread:
            return self._answer(self.thread)
        if self.kind == "nasty" and (place := self._nasty_place()) < len(_nasty()):
            one = _nasty()[place]
            return Coming(self.kind, one.raw, one.envelope_sender or NULL_SENDER, one.envelope_recipient)
        if self.kind == "report":
            return self._report()
        make = {
            "cp1250": self._cp1250,
            "text and HTML": self._both,
            "HTML alone": self._page_alone,
            "file": self._with_file,
            "large": self._with_file,
        }.get(self.kind, self._plain)
        return Coming(self.kind, make(), self.sender, self.recipient)

    def _nasty_place(self) -> int:
        before = self.number // 100 * SHARES["nasty"]
        return before + _order()[: self.number % 100].count("nasty")

    @property
    def _name(self) -> str:
        return f"bench {self.number}"

    def _fields(self, **others: str) -> dict[str, str | bytes | None]:
        subject = f"{self.chance.choice(_SUBJECTS)} {self.number % 500}"
        fields = {
            "From": f"{Header('Jana Nováková', 'utf-8').encode()} <{self.sender}>",
            "To": self.recipient,
            "Subject": Header(subject, "utf-8").encode(),
        }
        return {**fields, **others}

    def _text(self) -> str:
        lines = [
            *self.chance.choices(_SENTENCES, k=self.chance.randrange(3, 12)),
            f"Jana Nováková, místo {self.person}",
        ]
        if self.number % 20 == 0:
            digits = f"735517{self.number % 1000:03}"
            lines.append(f"Rodné číslo pacientky je {digits[:6]}/{digits[6:]}{int(digits) % 11 % 10}.")
        return "\r\n".join(lines) + "\r\n"

    def _plain(self) -> bytes:
        return letter(self._name, self._text(), **self._fields())

    def _cp1250(self) -> bytes:
        body = quopri.encodestring(self._text().encode("cp1250"))
        coding = {"Content_Type": "text/plain; charset=windows-1250", "Content_Transfer_Encoding": "quoted-printable"}
        return letter(self._name, body, **self._fields(**coding))

    def _page(self, text: str) -> str:
        paragraphs = "".join(f'<p class="MsoNormal"><span lang="CS">{line}</span></p>' for line in text.splitlines())
        return f"<html><head>{_STYLE}</head><body>{paragraphs}</body></html>\r\n"

    def _page_alone(self) -> bytes:
        return letter(self._name, self._page(self._text()), **self._fields(Content_Type=_HTML))

    def _both(self) -> bytes:
        text = self._text()
        both = group("alternative", "=_both", part(text), part(self._page(text), _HTML))
        logo = attached(PNG, "image/png", "logo.png", "Content-ID: <logo@example.cz>")
        return parts(self._name, both, logo.replace(b"attachment;", b"inline;"), kind="related", **self._fields())

    def _with_file(self) -> bytes:
        """With bytes of chance, which nothing makes smaller."""
        size = LARGE.get(self.number % 5000) or self.chance.randrange(20_000, 200_000)
        file = attached(self.chance.randbytes(size), "application/pdf", f"snimek-{self.number}.pdf")
        return parts(self._name, part(self._text()), file, kind="mixed", **self._fields())

    def _answer(self, thread: Thread) -> Coming:
        """Half of the replies come to the address with the token, the others have but the Message-ID."""
        has_token = self.chance.random() < 0.5
        self.sender = self.sender if self.chance.random() < 0.1 else thread.requester
        self.recipient = thread.address if has_token else thread.address.partition("+")[0] + "@localhost"
        references = {} if has_token else {"In_Reply_To": thread.message_id, "References": thread.message_id}
        if self.kind == "reply":
            quoted = "".join(f"> {line}\r\n" for line in self._text().splitlines() * 2)
            body = f"{self._text()}\r\nDne 26. 11. 2026 v 9:12 Podpora CRS napsal(a):\r\n{quoted}"
            raw = letter(self._name, body, **self._fields(**references))
        else:
            machine = {"Auto_Submitted": "auto-replied", "Subject": Header("Automatická odpověď", "utf-8").encode()}
            raw = letter(self._name, self._text(), **self._fields(**references, **machine))
        sender = self.sender if self.kind == "reply" else NULL_SENDER
        return Coming(self.kind, raw, sender, self.recipient, thread, f"<bench.{self.number}@example.cz>")

    def _report(self) -> Coming:
        """A mail server says that a letter did not arrive, and names it."""
        named = self.thread.message_id if self.thread else f"<{self._name.replace(' ', '.')}.ours@localhost>"
        status = f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {self.sender}\r\nAction: failed\r\n"
        inner = between(
            "=_report",
            part("Zprávu nelze doručit.\r\n"),
            part(f"{status}Status: 5.1.1\r\n", "message/delivery-status"),
            part(f"Message-ID: {named}\r\nSubject: Re\r\n", "text/rfc822-headers"),
        )
        kind = 'multipart/report; report-type=delivery-status; boundary="=_report"'
        fields = self._fields(From="MAILER-DAEMON@mx.example", Content_Type=kind)
        return Coming(self.kind, letter(self._name, inner, **fields), NULL_SENDER, self.recipient)
