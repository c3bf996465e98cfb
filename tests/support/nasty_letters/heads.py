"""Letters with heads that break programs: kinds 7 to 12, 37, 40 to 46."""

from typing import Any

from tests.support.nasty_letters.building import DATE, DESK, JANA, LINE, TEXT, WORDS, Nasty, letter


def _one(name: str, kind: int, fields: dict[str, str | bytes | None], **expected: Any) -> Nasty:
    """A usual letter with other fields."""
    expected.setdefault("text", (WORDS,))
    return Nasty(name, kind, lambda: letter(name, TEXT, **fields), **expected)


def _nobody(name: str, kind: int, fields: dict[str, str | bytes | None], **expected: Any) -> Nasty:
    """A letter from nobody who could be answered."""
    expected = {"from_": "", "notices": ("NO_SENDER",), "may_be_answered": False, **expected}
    return _one(name, kind, fields, **expected)


def _raw(name: str, kind: int, raw: bytes, **expected: Any) -> Nasty:
    return Nasty(name, kind, lambda: raw, **expected)


def _ids(count: int) -> str:
    return "\r\n ".join(f"<vlakno.{number}@example.cz>" for number in range(count))


_ODD: dict[str, Any] = {"notices": ("DATE_ODD",)}

LETTERS = [
    _one("a comment in a comment a thousand times", 7, {"Cc": "(" * 1000 + ")" * 1000 + " jiri@example.cz"}),
    _one("a sender in brackets a thousand times", 7, {"From": "<" * 1000 + JANA + ">" * 1000}),
    _one("a sender in comments without end", 7, {"From": f"{JANA} " + "(" * 5000}),
    _one("a sender with a quote without end", 7, {"From": f'"Jana <{JANA}>'}),
    _one("a type of semicolons", 7, {"Content_Type": "text/plain;;;;;; charset=utf-8;;;"}),
    _one("a type of nothing", 7, {"Content_Type": ";"}),
    _one("a type without a subtype", 7, {"Content_Type": "text"}),
    _one("a type of two slashes", 7, {"Content_Type": "text/plain/utf-8"}),
    _one("a disposition of nothing", 7, {"Content_Disposition": ""}),
    _one("a disposition with stars", 7, {"Content_Disposition": "inline; *=a; **=b; *0*=c; filename**=d"}, files=None),
    _one(
        "numbered pieces without an end",
        7,
        {"Content_Disposition": "inline; filename*999*=utf-8''a; filename*1=b"},
        files=None,
    ),
    _one("a Message-ID of brackets", 7, {"Message_ID": "<[" * 500}),
    _one("a Message-ID that is empty", 7, {"Message_ID": "<>"}, facts={"message_id": ""}),
    _one(
        "a Message-ID with blanks inside",
        7,
        {"Message_ID": "< a b @example.cz >"},
        facts={"message_id": "<ab@example.cz>"},
    ),
    _one("a Message-ID without brackets", 7, {"Message_ID": "a1@example.cz"}, facts={"message_id": "<a1@example.cz>"}),
    _one("a Message-ID of five thousand letters", 7, {"Message_ID": f"<{'a' * 5000}@example.cz>"}),
    _one(
        "fields without a value",
        7,
        {"Subject": "", "Cc": "", "Reply_To": "", "References": "", "In_Reply_To": ""},
        subject="",
    ),
    _one("ten thousand fields", 7, {f"X-{number}": "x" for number in range(10_000)}, notices=("DAMAGED",)),
    _one("a field of a million letters", 7, {"X_Long": "x" * 990_000}),
    _one("a field in ten thousand folds", 7, {"X_Folded": "x\r\n " * 10_000 + "x"}),
    _one("an envelope's line before the head", 7, {}, facts={"is_readable": True}),
    _raw(
        "the line of a mailbox before the head",
        7,
        b"From jana Thu Nov 26 09:00:00 2026\r\n" + letter("the line of a mailbox before the head"),
        text=(WORDS,),
    ),
    _raw("empty lines before the head", 7, b"\r\n\r\n" + letter("empty lines before the head"), text=(WORDS,)),
    _raw(
        "a line in the head that is no field",
        7,
        letter("a line in the head that is no field").replace(b"Subject:", b"Nesmysl bez dvojtecky\r\nSubject:"),
        subject="Lednice",
        text=(WORDS,),
        notices=("DAMAGED",),
    ),
    _raw(
        "a head without an empty line below it",
        7,
        letter("a head without an empty line below it", "Dobrý den, nejde to.\r\n").replace(b"\r\n\r\n", b"\r\n"),
        subject="Lednice",
        text=("Dobrý den, nejde to.",),
    ),
    _raw(
        "a head and nothing else",
        7,
        letter("a head and nothing else", b"").rstrip(b"\r\n"),
        subject="Lednice",
        notices=("EMPTY",),
    ),
    _raw(
        "blanks before the colons",
        7,
        f"From : {JANA}\r\nTo : {DESK}\r\nSubject\t: Lednice\r\n\r\nDobry den\r\n".encode(),
        subject="Lednice",
        text=("Dobry den",),
    ),
    _raw(
        "fields in other cases",
        7,
        f"FROM: {JANA}\r\nto: {DESK}\r\nsUbJeCt: Lednice\r\n\r\nDobry den\r\n".encode(),
        subject="Lednice",
        text=("Dobry den",),
    ),
    _raw(
        "two subjects",
        7,
        letter("two subjects").replace(b"Subject: Lednice", b"Subject: Lednice\r\nSubject: Druhy"),
        subject="Lednice",
        text=(WORDS,),
    ),
    _raw(
        "no head at all",
        7,
        "Dobrý den, jen text bez hlavičky.\r\nDruhý řádek.\r\n".encode(),
        from_="",
        is_readable=False,
        text=("jen text bez hlavičky", "Druhý řádek."),
        notices=("UNREADABLE",),
        may_be_answered=False,
    ),
    _raw("nothing at all", 7, b"", from_="", is_readable=False, notices=("UNREADABLE",), may_be_answered=False),
    _raw(
        "only line ends", 7, b"\r\n\r\n\n", from_="", is_readable=False, notices=("UNREADABLE",), may_be_answered=False
    ),
    _raw(
        "a picture instead of a letter",
        7,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 8,
        from_="",
        is_readable=False,
        notices=("UNREADABLE",),
        may_be_answered=False,
    ),
    _one("no text", 7, {"Content_Type": None}, text=(WORDS,)),
    _raw("an empty letter", 7, letter("an empty letter", b"\r\n \r\n\t\r\n"), notices=("EMPTY",)),
    _nobody("no sender at all", 8, {"From": None}, envelope_sender=""),
    _nobody(
        "a sender without an address",
        8,
        {"From": "Jana Nováková"},
        envelope_sender="",
        facts={"from_.name": "Jana Nováková"},
    ),
    _nobody("a sender that is a bracket", 8, {"From": "<>"}, envelope_sender=""),
    _nobody("a sender without a domain", 8, {"From": "jana"}, envelope_sender=""),
    _nobody("a sender with two at signs", 8, {"From": "<jana@novakova@>"}, envelope_sender=""),
    _one("only Sender", 8, {"From": None, "Sender": f"Jana <{JANA}>"}, facts={"from_.name": "Jana"}),
    _one("only Reply-To", 8, {"From": None, "Reply_To": JANA}),
    _one("a sender in a comment", 8, {"From": f"{JANA} (Jana Novakova)"}, facts={"from_.name": "Jana Novakova"}),
    _one(
        "a sender that is encoded as a whole", 8, {"From": f"=?utf-8?Q?Jana_<{JANA}>?="}, facts={"from_.name": "Jana"}
    ),
    _one(
        "a sender with an unquoted comma",
        8,
        {"From": f"Nováková, Jana <{JANA}>"},
        facts={"from_.name": "Nováková, Jana"},
    ),
    _one(
        "a sender whose name is another address",
        8,
        {"From": f'"reditel@mzcr.example" <{JANA}>'},
        facts={"from_.name": "reditel@mzcr.example"},
    ),
    _one("a domain in capitals with a dot", 8, {"From": f"<{JANA.replace('example.cz', 'EXAMPLE.CZ')}.>"}),
    _one("a route before the address", 8, {"From": f"<@relay.example.cz:{JANA}>"}),
    _one(
        "several senders in one field",
        9,
        {"From": f"Jana <{JANA}>, Petr <petr@example.cz>", "Sender": JANA},
        notices=("SEVERAL_SENDERS",),
        facts={"others_from.0.address": "petr@example.cz"},
    ),
    _raw(
        "several From fields",
        9,
        letter("several From fields").replace(b"To: ", b"From: petr@example.cz\r\nTo: ", 1),
        text=(WORDS,),
        notices=("SEVERAL_SENDERS",),
        facts={"others_from.0.address": "petr@example.cz"},
    ),
    _one(
        "one sender named twice",
        9,
        {"From": f"Jana <{JANA}>, {JANA}"},
        not_notices=("SEVERAL_SENDERS",),
        facts={"others_from": ()},
    ),
    _one(
        "a group as the sender", 9, {"From": f"Vakciny: Jana <{JANA}>, petr@example.cz;"}, notices=("SEVERAL_SENDERS",)
    ),
    _one("no To", 10, {"To": None, "Delivered_To": DESK}, facts={"to": (), "delivered_to": (DESK,)}),
    _one("an empty To", 10, {"To": "", "X_Original_To": DESK}, facts={"to": (), "delivered_to": (DESK,)}),
    _one(
        "undisclosed recipients",
        10,
        {"To": "undisclosed-recipients:;", "Envelope_To": LINE},
        facts={"to": (), "delivered_to": (LINE,)},
        envelope_recipient=LINE,
    ),
    _one("a group in To", 10, {"To": f"Podpora: {DESK}, {LINE};"}, facts={"to.0.address": DESK, "to.1.address": LINE}),
    _one("only a blind copy", 10, {"To": None, "Bcc": DESK}, facts={"to": ()}),
    _one(
        "a thousand recipients",
        10,
        {"To": ",\r\n ".join(f"kolega.{number}@example.cz" for number in range(1000))},
        facts={"to.0.address": "kolega.0@example.cz"},
    ),
    _one("no Message-ID", 11, {"Message_ID": None}, facts={"message_id": ""}),
    _one("no date", 12, {"Date": None}, facts={"date": None}),
    _one("a date in the year 101", 12, {"Date": "Thu, 26 Nov 0101 09:00:00 +0000"}, **_ODD),
    _one("a date of a clock without a battery", 12, {"Date": "Thu, 01 Jan 1970 00:00:00 +0000"}, **_ODD),
    _one("a date when clocks of 32 bits end", 12, {"Date": "Tue, 19 Jan 2038 03:14:08 +0000"}, **_ODD),
    _one("a date in the year 2096", 12, {"Date": "Mon, 26 Nov 2096 09:00:00 +0100"}, **_ODD),
    _one("a date in the year 99999", 12, {"Date": "Mon, 26 Nov 99999 09:00:00 +0100"}, **_ODD),
    _one("a date before all dates", 12, {"Date": "Mon, 01 Jan 0001 00:00:00 +1400"}, **_ODD),
    _one("a date in Czech", 12, {"Date": "čt, 26. listopadu 2026 v 9 hodin"}, facts={"date": None}, **_ODD),
    _one("a zone of a hundred hours", 12, {"Date": "Thu, 26 Nov 2026 09:00:00 +9999"}, **_ODD),
    _one("the thirtieth of February", 12, {"Date": "Mon, 30 Feb 2026 09:00:00 +0100"}, facts={"date": None}, **_ODD),
    _one("a date of digits without end", 12, {"Date": "9" * 10_000}, facts={"date": None}, **_ODD),
    _one(
        "a lone CR in the subject",
        37,
        {"Subject": "Lednice\rBcc: vsem@example.cz\rX-Injected: 1"},
        subject="Lednice Bcc: vsem@example.cz X-Injected: 1",
        facts={"headers.x-injected": None, "headers.bcc": None},
    ),
    _one("a lone CR before an empty line", 37, {"Subject": "Lednice\r\r<b>Text</b>"}, subject="Lednice <b>Text</b>"),
    _raw(
        "lone LF as line ends",
        37,
        letter("lone LF as line ends").replace(b"\r\n", b"\n"),
        subject="Lednice",
        text=(WORDS,),
    ),
    _raw(
        "lone CR as line ends",
        37,
        letter("lone CR as line ends").replace(b"\r\n", b"\r"),
        subject="Lednice",
        text=(WORDS,),
    ),
    _raw(
        "line ends of both kinds",
        37,
        letter("line ends of both kinds", "a\nb\r\nc\rd\r\n").replace(b"Subject: Lednice\r\n", b"Subject: Lednice\n"),
        subject="Lednice",
        text=("a\nb\nc\nd",),
    ),
    _raw(
        "the end of DATA in the middle",
        37,
        letter(
            "the end of DATA in the middle",
            f"Prvni\n.\nMAIL FROM:<zly@example.cz>\r.\rRCPT TO:<{DESK}>\r\nPosledni\r\n",
        ),
        text=("Prvni", "MAIL FROM", "Posledni"),
    ),
    _one(
        "line ends of Unicode in the subject",
        37,
        {"Subject": "Lednice\N{LINE SEPARATOR}X-Injected: 1\N{NEXT LINE}Y: 2"},
        subject="Lednice X-Injected: 1 Y: 2",
        facts={"headers.x-injected": None},
    ),
    _one("lines of a hundred thousand letters", 38, {"Subject": "Lednice " + "x" * 100_000}, text=(WORDS,)),
    _raw(
        "a text in one line of a million letters",
        38,
        letter("a text in one line of a million letters", "slovo " * 170_000 + "konec"),
        notices=("TRUNCATED",),
        text=("slovo slovo",),
    ),
    _one(
        "a token in capitals",
        39,
        {"To": "PODPORA+AbCdEf123@LOCALHOST"},
        facts={"to.0.address": "PODPORA+AbCdEf123@localhost"},
        envelope_recipient="PODPORA+AbCdEf123@LOCALHOST",
    ),
    _one(
        "a Message-ID in another case",
        40,
        {"In_Reply_To": "<CRS.1@LOCALHOST>"},
        facts={"in_reply_to": ("<CRS.1@LOCALHOST>",)},
    ),
    _one(
        "a Message-ID that a provider replaced",
        40,
        {"Message_ID": "<0102019@eu-central-1.amazonses.example>", "X_Original_Message_ID": "<puvodni@example.cz>"},
    ),
    _one(
        "only a Thread-Index",
        41,
        {"Subject": "Re: Lednice", "Thread_Index": "AQHaAAECAwQFBgcICQoLDA0ODw==", "Thread_Topic": "Lednice"},
        subject="Re: Lednice",
        facts={"references": (), "in_reply_to": ()},
    ),
    _one(
        "a thread with another subject",
        41,
        {"Subject": "Něco jiného", "References": "<jine@example.cz>"},
        subject="Něco jiného",
    ),
    _one("a reply without any thread", 41, {"Subject": "RE: RE: FW: Odp: Lednice"}, subject="RE: RE: FW: Odp: Lednice"),
    _one(
        "the number of another ticket in the subject",
        42,
        {"Subject": "Re: [CRS-000001] Lednice"},
        subject="Re: [CRS-000001] Lednice",
    ),
    _one("the mark of another desk in the subject", 42, {"Subject": "[Ticket#2026112600001] Lednice"}),
    _one(
        "five hundred references",
        43,
        {"References": _ids(500), "In_Reply_To": "<vlakno.499@example.cz>"},
        facts={
            "references.0": "<vlakno.0@example.cz>",
            "references.39": "<vlakno.499@example.cz>",
            "len.references": 40,
        },
    ),
    _one(
        "a reference a thousand times",
        43,
        {"References": "<a@example.cz> " * 1000},
        facts={"references": ("<a@example.cz>",)},
    ),
    _one(
        "references glued together",
        43,
        {"References": "<a@example.cz><b@example.cz>,<c@example.cz>"},
        facts={"len.references": 3},
    ),
    _one("references without an end", 43, {"References": "<" + "a" * 10_000}),
    _one("a subject of ten thousand letters", 43, {"Subject": "Žádost " * 2000}, facts={"len.subject": 500}),
    _one(
        "a reply of Gmail",
        44,
        {
            "Subject": "Re: Lednice",
            "In_Reply_To": "<crs.1@localhost>",
            "References": "<a@example.cz> <crs.1@localhost>",
        },
        facts={"in_reply_to": ("<crs.1@localhost>",)},
    ),
    _one(
        "a reply of Outlook that folds its ids",
        44,
        {
            "Subject": "RE: Lednice",
            "In_Reply_To": "\r\n <crs.1@localhost>",
            "References": "<a@example.cz>\r\n\t<crs.1@localhost>",
        },
        facts={"references": ("<a@example.cz>", "<crs.1@localhost>")},
    ),
    _one(
        "a reply after years",
        45,
        {"Date": "Thu, 26 Nov 2020 09:00:00 +0100", "In_Reply_To": "<crs.davno@localhost>"},
        **_ODD,
    ),
    _one("both desks in To", 46, {"To": f"{DESK}, 1221 <{LINE}>"}, facts={"to.0.address": DESK, "to.1.address": LINE}),
    _one(
        "a desk in To and the other in copy",
        46,
        {"Cc": f"{LINE}, Petr <petr@example.cz>"},
        facts={"cc.0.address": LINE, "cc.1.name": "Petr"},
    ),
    _one("a date in UTC without a zone", 12, {"Date": DATE.replace("+0100", "-0000")}, not_notices=()),
]
