"""Letters that machines wrote, or seem to have written, and what happens on the way: kinds 13 to 21, 45, 47 to 55."""

from typing import Any

from tests.support.nasty_letters.building import DESK, JANA, LINE, TEXT, WORDS, Nasty, Pair, letter, part, parts

_STATUS = (
    "Reporting-MTA: dns; mx.example.cz\r\n\r\nFinal-Recipient: rfc822; nikdo@example.cz\r\nAction: failed\r\n"
    "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n"
)
_OURS = (
    b"From: podpora@localhost\r\nTo: nikdo@example.cz\r\nSubject: CRS-000001\r\nMessage-ID: <crs.1@localhost>\r\n"
    b"\r\nDobry den\r\n"
)
_DAEMON = "MAILER-DAEMON@mx.example.cz"
_NONE: dict[str, Any] = {"may_be_answered": False}


def _one(
    name: str, kind: int, fields: dict[str, str | bytes | None], body: str | bytes = TEXT, **expected: Any
) -> Nasty:
    if body == TEXT:
        expected.setdefault("text", (WORDS,))
    return Nasty(name, kind, lambda: letter(name, body, **fields), **expected)


def _bounce(name: str, kind: int, *inner: bytes, files: tuple[str, ...] | None = None, **expected: Any) -> Nasty:
    report = "report; report-type=delivery-status"
    return Nasty(
        name,
        kind,
        lambda: parts(name, *inner, kind=report, From=_DAEMON, Subject="Undelivered Mail", Return_Path="<>"),
        from_=_DAEMON,
        sort="BOUNCE",
        envelope_sender="<>",
        files=files,
        may_be_answered=False,
        **expected,
    )


LETTERS = [
    _bounce(
        "a bounce with our letter",
        13,
        part("Nelze doručit.\r\n"),
        part(_STATUS, "message/delivery-status"),
        part(_OURS, "message/rfc822"),
        text=("Nelze doručit.",),
        facts={"report.original_message_id": "<crs.1@localhost>", "report.recipients.0.address": "nikdo@example.cz"},
    ),
    _one(
        "a letter of the null sender",
        13,
        {"Return_Path": "<>", "From": JANA},
        sort="AUTO_REPLY",
        envelope_sender="<>",
        **_NONE,
    ),
    _bounce(
        "a bounce with the head of our letter",
        14,
        part("Nelze doručit.\r\n"),
        part(_STATUS, "message/delivery-status"),
        part(_OURS.partition(b"\r\n\r\n")[0] + b"\r\n", "text/rfc822-headers"),
        facts={"report.original_message_id": "<crs.1@localhost>"},
    ),
    _bounce(
        "a bounce without our letter",
        14,
        part("Nelze doručit.\r\n"),
        part(_STATUS, "message/delivery-status"),
        facts={"report.recipients.0.status": "5.1.1", "report.original_message_id": ""},
    ),
    _bounce("a bounce without a status", 14, part("Nelze doručit.\r\n"), text=("Nelze doručit.",)),
    _bounce(
        "a bounce whose status is broken",
        14,
        part("Nelze doručit.\r\n"),
        part(b"\xff\xff: \0\r\n\r\n:::", "message/delivery-status"),
    ),
    _one(
        "a bounce in nothing but apostrophes",
        14,
        {"From": _DAEMON, "Return_Path": "<>", "Subject": "Undelivered"},
        "Your mail could not be delivered\r\n" + "'" * 100_000 + "\r\n",
        from_=_DAEMON,
        sort="BOUNCE",
        envelope_sender="<>",
        **_NONE,
    ),
    _one(
        "a bounce in nothing but at signs",
        14,
        {"From": _DAEMON, "Return_Path": "<>", "Subject": "failure notice"},
        "This is the qmail-send program\r\n<" + "a@" * 50_000 + "\r\n",
        from_=_DAEMON,
        sort="BOUNCE",
        envelope_sender="<>",
        **_NONE,
    ),
    _one(
        "a bounce in words",
        14,
        {"From": _DAEMON, "Return_Path": "<>", "Subject": "failure notice"},
        "Hi. This is the qmail-send program at example.cz.\r\n\r\n<nikdo@example.cz>:\r\nUser unknown. 5.1.1\r\n",
        from_=_DAEMON,
        sort="BOUNCE",
        envelope_sender="<>",
        text=("qmail-send",),
        facts={"report.recipients.0.address": "nikdo@example.cz"},
        **_NONE,
    ),
    _one(
        "an automatic reply known by its Czech subject",
        15,
        {"Subject": "Automatická odpověď: [CRS-000001] Lednice"},
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "an automatic reply known by its English subject",
        15,
        {"Subject": "Out of Office: [CRS-000001] Lednice"},
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "an automatic reply known by its encoded subject",
        15,
        {"Subject": "=?iso-8859-2?Q?Automatick=E1_odpov=ECd=3A_Lednice?=", "References": "<crs.1@localhost>"},
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "an automatic reply of RFC 3834",
        15,
        {"Auto_Submitted": "auto-replied", "Subject": "Re: Lednice"},
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "an automatic reply of an old program",
        15,
        {"X_Autoreply": "yes", "Precedence": "bulk"},
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "a person's letter that calls itself generated",
        16,
        {"Auto_Submitted": "auto-generated", "User_Agent": "Mozilla Thunderbird"},
        **_NONE,
    ),
    _one("a person's letter that says it is not automatic", 16, {"Auto_Submitted": "no"}),
    _one("a form of a web page", 16, {"Auto_Submitted": "auto-generated (web form)"}, **_NONE),
    _one(
        "a letter of a mailing list",
        17,
        {"List_Id": "Lekari <lekari.example.cz>", "Precedence": "list"},
        sort="LIST",
        **_NONE,
    ),
    _one("a newsletter", 17, {"List_Unsubscribe": "<mailto:pryc@example.cz>"}, sort="LIST", **_NONE),
    _one(
        "a list that changed the sender",
        17,
        {"From": "Jana via Lekari <lekari@example.cz>", "Reply_To": JANA, "List_Id": "<lekari.example.cz>"},
        from_="lekari@example.cz",
        sort="LIST",
        **_NONE,
    ),
    _one(
        "a receipt of another desk",
        18,
        {
            "Subject": "[#2026-1] Přijali jsme vaši zprávu",
            "Message_ID": "<prepsane@jina-podpora.example.cz>",
            "Auto_Submitted": None,
        },
        subject="[#2026-1] Přijali jsme vaši zprávu",
    ),
    _one("a responder that asks for no answer", 18, {"X_Auto_Response_Suppress": "All"}, **_NONE),
    _one(
        "a responder that says nothing of itself",
        19,
        {"Subject": "Re: Přijali jsme vaši zprávu"},
        "Do konce týdne mám dovolenou.\r\n",
        text=("dovolenou",),
    ),
    _one("our own address as the sender", 20, {"From": DESK}, from_=DESK, sort="OWN", **_NONE),
    _one(
        "our own address with a token as the sender",
        20,
        {"From": f"CRS <{DESK.replace('@', '+abc@')}>"},
        from_=DESK.replace("@", "+abc@"),
        sort="OWN",
        **_NONE,
    ),
    _one("the other desk as the sender", 20, {"From": LINE}, from_=LINE, sort="OWN", **_NONE),
    _one("our own address in Reply-To", 20, {"Reply_To": DESK}, **_NONE),
    _one(
        "an agent who is away",
        21,
        {"From": "dispecer@crs.example.cz", "Subject": "Mimo kancelář", "Auto_Submitted": "auto-replied"},
        from_="dispecer@crs.example.cz",
        sort="AUTO_REPLY",
        **_NONE,
    ),
    _one(
        "a reply to a ticket that was closed long ago",
        45,
        {"To": "podpora+zavreny@localhost", "Subject": "Re: CRS-000001"},
        envelope_recipient="podpora+zavreny@localhost",
    ),
    _one(
        "a body of answers of an IMAP server",
        48,
        {},
        "* 1 FETCH (UID 1 BODY[] {5}\r\nahoj)\r\na1 OK done\r\n)\r\n",
        text=("* 1 FETCH",),
    ),
    _one(
        "a literal that lies about its size",
        49,
        {"Subject": "{4294967295}"},
        "{0}\r\n{99999999999}\r\n",
        subject="{4294967295}",
        text=("{0}",),
    ),
    _one("a size that lies", 49, {"Content_Length": "5", "Lines": "-1"}),
    _one("dots at the beginnings of lines", 50, {}, ".\r\n..\r\n...\r\nKonec\r\n", text=("Konec",)),
    _one("a letter that begins with a dot", 50, {}, ".Prvni\r\nDruhy\r\n", text=(".Prvni",)),
    _one("several recipients on one envelope", 51, {"To": f"{DESK}, {LINE}, podpora+abc@localhost"}),
    _one(
        "an agent's address that is forged",
        52,
        {"From": "vedouci@crs.example.cz", "Reply_To": "zly@example.cz"},
        from_="vedouci@crs.example.cz",
        envelope_sender="zly@example.cz",
        facts={"reply_to.address": "zly@example.cz"},
    ),
    _one(
        "fields that claim rights",
        52,
        {"X_CRS_User": "admin", "X_CRS_Role": "L3", "Authentication_Results": "localhost; dkim=pass"},
    ),
    _one(
        "a token that was forwarded",
        54,
        {"From": "kolega@example.cz", "To": "podpora+prozrazeny@localhost"},
        from_="kolega@example.cz",
        envelope_recipient="podpora+prozrazeny@localhost",
    ),
    _one("a token in a blind copy", 54, {"To": "kolega@example.cz"}, envelope_recipient="podpora+prozrazeny@localhost"),
    _one("an agent who writes from home", 55, {"From": "agent.doma@seznam.example"}, from_="agent.doma@seznam.example"),
]

_LETTER = letter("the same letter")
_OTHER_WAY = (
    b"Return-Path: <" + JANA.encode() + b">\r\nDelivered-To: podpora@localhost\r\nX-Spam-Score: 1.5\r\n"
    b"X-Original-To: podpora@localhost\r\n"
    b"ARC-Seal: i=1; a=rsa-sha256\r\nDKIM-Signature: v=1; a=rsa-sha256;\r\n\tb=abc\r\n"
    b"Received: from a by b; Thu, 26 Nov 2026 09:00:05 +0100\r\n"
)
_WITHOUT_ID = letter("without", Message_ID=None)
PAIRS = [
    Pair("the same letter twice", 47, _LETTER, _LETTER, are_one=True),
    Pair("the same letter by another way", 47, _LETTER, _OTHER_WAY + _LETTER, are_one=True),
    Pair("the same letter with other line ends", 47, _LETTER, _LETTER.replace(b"\r\n", b"\n"), are_one=True),
    Pair("the same letter with an empty line more", 47, _LETTER, _LETTER + b"\r\n\r\n", are_one=True),
    Pair(
        "the same letter with other folds",
        47,
        letter("f", References="<a@b> <c@d>"),
        letter("f", References="<a@b>\r\n\t<c@d>"),
        are_one=True,
    ),
    Pair(
        "the same letter with its fields in another order",
        47,
        _LETTER,
        b"MIME-Version: 1.0\r\n" + _LETTER.replace(b"MIME-Version: 1.0\r\n", b""),
        are_one=True,
    ),
    Pair("the same letter without a Message-ID", 47, _WITHOUT_ID, _OTHER_WAY + _WITHOUT_ID, are_one=True),
    Pair(
        "the words of a sensor once more",
        47,
        letter("sensor", Message_ID=None, Date=None),
        letter(
            "sensor", Message_ID=None, Date=None, Received="from sensor by localhost; Wed, 16 Dec 2026 09:00:00 +0100"
        ),
        are_one=False,
    ),
    Pair(
        "a Message-ID with another text", 47, _LETTER, letter("the same letter", TEXT + "Dodatek.\r\n"), are_one=False
    ),
    Pair("a Message-ID with another subject", 47, _LETTER, letter("the same letter", Subject="Jiny"), are_one=False),
    Pair(
        "twins of one second without a Message-ID",
        11,
        _WITHOUT_ID,
        letter("without", TEXT + "2", Message_ID=None),
        are_one=False,
    ),
    Pair(
        "twins that only a field of their own tells apart",
        11,
        _WITHOUT_ID,
        letter("without", Message_ID=None, X_Form="2"),
        are_one=False,
    ),
    Pair(
        "a head that goes over into the text",
        47,
        letter("h", "b\r\n", Subject="a"),
        letter("h", "\r\nb\r\n", Subject="a"),
        are_one=False,
    ),
]
