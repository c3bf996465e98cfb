"""Letters whose characters are not what they say: kinds 1 to 6, 36, 39."""

import base64
import quopri
from typing import Any

from tests.support.nasty_letters.building import JANA, TEXT, WORDS, Nasty, attached, head, letter, part, parts

CZECH = "Šárka Žižková žádá o další vakcíny."
PLAIN_TYPE = "text/plain; charset="


def _in(name: str, kind: int, codec: str, declared: str | None, *, text: str = TEXT, **expected: Any) -> Nasty:
    """A letter in `codec` that declares another one, or none."""
    stated = "text/plain" if declared is None else PLAIN_TYPE + declared
    shown = expected.pop("shown", (WORDS,) if text == TEXT else (text.strip(),))
    return Nasty(
        name,
        kind,
        lambda: letter(name, text.encode(codec), Content_Type=stated),
        text=shown,
        **expected,
    )


def _subject(name: str, kind: int, value: str | bytes, subject: str, **expected: Any) -> Nasty:
    return Nasty(name, kind, lambda: letter(name, Subject=value), subject=subject, text=(WORDS,), **expected)


def _word(text: str, codec: str = "utf-8") -> str:
    return f"=?{codec}?B?{base64.b64encode(text.encode(codec)).decode()}?="


_HALVES = [base64.b64encode(piece).decode() for piece in ("Lednička".encode()[:6], "Lednička".encode()[6:])]
_RUSSIAN = "Здравствуйте, холодильник показывает слишком высокую температуру."

LETTERS = [
    _in("cp1250 that is not declared", 1, "cp1250", None, notices=("CHARSET_GUESSED",)),
    _in("cp1250 declared as utf-8", 1, "cp1250", "utf-8", notices=("CHARSET_GUESSED",)),
    _in("cp1250 declared as us-ascii", 1, "cp1250", "us-ascii", notices=("CHARSET_GUESSED",)),
    _in("cp1250 declared as iso-8859-2", 1, "cp1250", "iso-8859-2", not_notices=("CHARSET_GUESSED",)),
    _in("iso-8859-2 that is not declared", 1, "iso8859_2", None, notices=("CHARSET_GUESSED",)),
    _in("iso-8859-2 declared as utf-8", 1, "iso8859_2", "utf-8", notices=("CHARSET_GUESSED",)),
    _in("iso-8859-2 as it says", 1, "iso8859_2", "ISO-8859-2", not_notices=("CHARSET_GUESSED",)),
    _in("utf-8 declared as iso-8859-1", 1, "utf-8", "iso-8859-1", not_notices=("CHARSET_GUESSED",)),
    _in("utf-8 declared as windows-1250", 1, "utf-8", "windows-1250", not_notices=("CHARSET_GUESSED",)),
    _in("utf-8 that is not declared", 1, "utf-8", None, not_notices=("CHARACTERS_LOST", "CHARSET_GUESSED")),
    _in("a short word in cp1250", 1, "cp1250", None, text="Díky za vakcíny, šéfe"),
    _in("few words with the letters of iso-8859-2", 1, "iso8859_2", None, text="Prosím, ještě žádáme o další"),
    _in("a Russian letter in koi8-r", 1, "koi8_r", None, text=_RUSSIAN, notices=("CHARSET_GUESSED",)),
    _in("a Ukrainian letter in windows-1251", 1, "cp1251", "windows-1251", text="Добрий день, де моє щеплення?"),
    Nasty(
        "utf-8 with one byte lost",
        1,
        lambda: letter("utf-8 with one byte lost", (TEXT * 3).encode() + b"Konec \xc5.\r\n"),
        text=(WORDS, "Konec \N{REPLACEMENT CHARACTER}."),
        notices=("CHARACTERS_LOST",),
    ),
    Nasty(
        "utf-8 cut in the middle of a character",
        1,
        lambda: letter("utf-8 cut in the middle of a character", TEXT.encode() + "ř".encode()[:1]),
        text=(WORDS,),
    ),
    _in("utf-8 with a byte order mark", 1, "utf-8-sig", "utf-8"),
    _in("utf-16 with a byte order mark", 1, "utf-16", "utf-16"),
    _in("ascii declared as utf-16", 1, "ascii", "utf-16", text="Prosim o pomoc."),
    _in("utf-8 declared as gb2312", 1, "utf-8", "gb2312"),
    _in("a Chinese letter as it says", 1, "gb18030", "gb2312", text="您好，我想预约疫苗。"),
    _in("utf-16 that is not declared", 1, "utf-16-le", None),
    _in("an unknown character set of ascii", 2, "ascii", "x-unknown", text="Prosim o pomoc."),
    _in("an unknown character set of utf-8", 2, "utf-8", "x-mac-cesky-99"),
    _in("an unknown character set of cp1250", 2, "cp1250", "unknown-8bit", notices=("CHARSET_GUESSED",)),
    _in("a character set named cp-1250", 2, "cp1250", "cp-1250", not_notices=("CHARSET_GUESSED",)),
    _in("a character set named win-1250", 2, "cp1250", '"Win-1250"'),
    _in("a character set that is a program of Python", 2, "utf-8", "unicode_escape"),
    _in("a character set that is rot13", 2, "utf-8", "rot13"),
    _in("a character set that unpacks", 2, "utf-8", "zlib"),
    _in("a character set that always raises", 2, "utf-8", "undefined"),
    _in("a character set with NUL in its name", 2, "utf-8", "utf\0-8"),
    _in("a character set of ten thousand letters", 2, "utf-8", "x" * 10_000),
    _in("a character set in Czech", 2, "utf-8", "čeština"),
    _in("an empty character set", 2, "utf-8", '""'),
    _in("a character set with a comment", 2, "cp1250", "windows-1250 (Czech)"),
    _in("iso-2022-jp that is not declared", 3, "iso2022_jp", None, text="こんにちは、ワクチンについて。"),
    _in("iso-2022-jp declared as utf-8", 3, "iso2022_jp", "utf-8", text="こんにちは、ワクチンについて。"),
    _in("utf-8 declared as iso-2022-jp", 3, "utf-8", "iso-2022-jp"),
    _in("shift_jis as it says", 3, "shift_jis", "shift_jis", text="こんにちは、ワクチンについて。"),
    _in("utf-7 as it says", 4, "utf-7", "utf-7"),
    _in("utf-8 declared as utf-7", 4, "utf-8", "utf-7"),
    Nasty(
        "a script hidden in utf-7",
        4,
        lambda: letter(
            "a script hidden in utf-7",
            b"+ADw-p+AD4-Prosba+ADw-/p+AD4APA-script+AD4-alert(1)+ADw-/script+AD4-",
            Content_Type="text/html; charset=utf-7",
        ),
        text=("Prosba",),
        not_text=("alert", "<script"),
        notices=("HTML_ONLY",),
    ),
    Nasty(
        "halves of a surrogate pair in utf-7",
        4,
        lambda: letter("halves of a surrogate pair in utf-7", b"Prosba +2AA-\r\n", Content_Type=PLAIN_TYPE + "utf-7"),
        text=("Prosba",),
    ),
    _subject(
        "encoded words split in the middle of a character",
        5,
        f"=?utf-8?B?{_HALVES[0]}?=\r\n =?utf-8?B?{_HALVES[1]}?= nejde",
        "Lednička nejde",
    ),
    _subject(
        "encoded words split in two encodings",
        5,
        "=?utf-8?Q?Lednice_v_=C5?= =?UTF-8?B?vcSPw6FydQ==?=",
        "Lednice v Žďáru",
    ),
    _subject("encoded words of two sets side by side", 5, "=?iso-8859-2?Q?=AEivot?= =?utf-8?Q?=C5=BEij?=", "Životžij"),
    _subject("an encoded word glued to a word", 5, "Lednice=?utf-8?Q?_=C5=BDivot?=", "Lednice Život"),
    _subject("an encoded word without padding", 5, "=?utf-8?B?TGVkbmnEjWth?=", "Lednička"),
    _subject("an encoded word with spaces in it", 5, "=?utf-8?Q?Led nice =C5=BD?=", "Led nice Ž"),
    _subject("an encoded word with a question mark in it", 5, "=?utf-8?Q?Kdy_p=C5=99ijdete??=", "Kdy přijdete?"),
    _subject("an encoded word of an unknown set", 5, "=?x-neznama?Q?=C5=BDivot?=", "Život"),
    _subject("an encoded word with a language", 5, "=?utf-8*cs?Q?=C5=BDivot?=", "Život"),
    _subject("an encoded word that does not end", 5, "=?utf-8?Q?=C5=BDivot", "=?utf-8?Q?=C5=BDivot"),
    _subject("an encoded word folded in its middle", 5, "=?utf-8?B?xb1p\r\n dm90?=", "Život"),
    _subject(
        "encoded words folded without a space",
        5,
        "=?utf-8?Q?=C5=BDiv?=\r\n=?utf-8?Q?ot?=",
        "Život",
        notices=("DAMAGED",),
    ),
    _subject(
        "a subject of encoded line ends", 5, "=?utf-8?Q?Lednice=0D=0ABcc:_x@example.cz?=", "Lednice Bcc: x@example.cz"
    ),
    _subject("a subject in raw utf-8", 6, "Žlutá lednička".encode(), "Žlutá lednička"),
    _subject("a subject in raw cp1250", 6, "Žlutá lednička šumí".encode("cp1250"), "Žlutá lednička šumí"),
    Nasty(
        "a sender in raw cp1250",
        6,
        lambda: letter("a sender in raw cp1250", From=f"Šárka Žižková <{JANA}>".encode("cp1250")),
        text=(WORDS,),
        facts={"from_.name": "Šárka Žižková"},
    ),
    Nasty(
        "a copy in raw utf-8",
        6,
        lambda: letter("a copy in raw utf-8", Cc="Jiří Dvořák <jiri@example.cz>, Žofie <zofie@example.cz>"),
        text=(WORDS,),
        facts={"cc.0.name": "Jiří Dvořák", "cc.1.address": "zofie@example.cz"},
    ),
    Nasty(
        "a file name in raw cp1250",
        6,
        lambda: (
            head("a file name in raw cp1250", Content_Type="multipart/mixed; boundary=b")
            + b"\r\n--b\r\n"
            + part(TEXT)
            + b'\r\n--b\r\nContent-Type: application/pdf; name="'
            + "žádost šarže.pdf".encode("cp1250")
            + b'"\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n--b--\r\n'
        ),
        text=(WORDS,),
        files=("žádost šarže.pdf",),
    ),
    Nasty(
        "file names in encoded words and in RFC 2231",
        6,
        lambda: parts(
            "file names in encoded words and in RFC 2231",
            part(TEXT),
            attached(b"1", "application/pdf", _word("Žádost.pdf")),
            part("2", "application/pdf", "Content-Disposition: attachment; filename*=windows-1250''%8E%E1dost%202.pdf"),
            part(
                "3",
                "application/pdf",
                "Content-Disposition: attachment; filename*0*=utf-8'cs'%C5;\r\n"
                ' filename*1*=%BE%C3%A1dost;\r\n filename*2=" 3.pdf"',
            ),
            part(
                "4", "application/pdf", "Content-Disposition: attachment; filename*=utf-8''%C5%BE4.pdf; filename=z4.pdf"
            ),
            part("5", "application/pdf", "Content-Disposition: attachment; filename*=nic'%C5%BE5.pdf"),
        ),
        text=(WORDS,),
        files=("Žádost.pdf", "Žádost 2.pdf", "žádost 3.pdf", "ž4.pdf", "nic'ž5.pdf"),
    ),
    Nasty(
        "NUL in the text",
        36,
        lambda: letter("NUL in the text", "Před\0 a po\r\n"),
        text=("Před a po",),
        not_text=("\0",),
    ),
    Nasty(
        "NUL in the head",
        36,
        lambda: letter("NUL in the head", Subject="Led\0nice", From=f"Ja\0na <{JANA}>"),
        subject="Lednice",
        text=(WORDS,),
        facts={"from_.name": "Jana"},
    ),
    Nasty(
        "NUL in the name of a file",
        36,
        lambda: parts("NUL in the name of a file", part(TEXT), attached(b"x", "application/pdf", "a.pdf\0.exe")),
        text=(WORDS,),
        files=("a.pdf.exe",),
    ),
    Nasty(
        "a letter of nothing but NUL",
        36,
        lambda: b"\0" * 5000,
        from_="",
        is_readable=False,
        notices=("UNREADABLE",),
        may_be_answered=False,
    ),
    Nasty(
        "signs that nobody sees",
        36,
        lambda: letter(
            "signs that nobody sees",
            "Pro\x07sba\x1b[31m o \x9dpomoc\r\n",
            Subject="Led\N{ZERO WIDTH SPACE}ni\N{RIGHT-TO-LEFT OVERRIDE}ce",
        ),
        subject="Lednice",
        text=("Prosba",),
        not_text=("\x07", "\x1b", "\x9d"),
    ),
    Nasty(
        "decomposed letters of another system",
        36,
        lambda: letter(
            "decomposed letters of another system",
            "Dekuju, r\N{COMBINING CARON}idi\N{COMBINING CARON}\r\n",
            Subject="R\N{COMBINING CARON}idic\N{COMBINING CARON}",
        ),
        subject="Řidič",
        text=("řidǐ",),
    ),
    Nasty(
        "an address in Czech (SMTPUTF8)",
        39,
        lambda: letter("an address in Czech (SMTPUTF8)", From="Jiří <jiří@Příklad.CZ>"),
        from_="jiří@příklad.cz",
        text=(WORDS,),
        envelope_sender="jiří@příklad.cz",
    ),
    Nasty(
        "a long local part with a mark",
        39,
        lambda: letter("a long local part with a mark", From=f"{'a' * 64}+znacka@example.cz"),
        from_=f"{'a' * 64}+znacka@example.cz",
        text=(WORDS,),
    ),
    Nasty(
        "an address longer than any",
        39,
        lambda: letter("an address longer than any", From=f"<{'a' * 400}@example.cz>"),
        from_="",
        text=(WORDS,),
        notices=("NO_SENDER",),
        may_be_answered=False,
        envelope_sender="",
    ),
    _subject(
        "quoted-printable letters in a raw subject", 6, quopri.encodestring("Žlutá".encode()).strip(), "=C5=BDlut=C3=A1"
    ),
]
