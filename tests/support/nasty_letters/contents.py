"""Letters with parts that break programs: kinds 22 to 36."""

import base64
import gzip
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from tests.support.nasty_letters.building import (
    DESK,
    JANA,
    PNG,
    TEXT,
    WORDS,
    Nasty,
    attached,
    between,
    group,
    head,
    letter,
    part,
    parts,
)

HTML = "text/html; charset=utf-8"
PAGE = f"<html><body><p>Dobrý den,</p><p>{WORDS}</p></body></html>"
INVITATION = "\r\n".join([
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//CZ", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:1@example.cz",
    "DTSTAMP:20261126T080000Z", "DTSTART:20261127T090000Z", "DTEND:20261127T100000Z", "SUMMARY:Školení očkovacího týmu",
    "LOCATION:Žďár nad Sázavou", f"ORGANIZER:mailto:{JANA}", "END:VEVENT", "END:VCALENDAR", "",
])  # fmt: skip


def _of(name: str, kind: int, *inner: bytes, multipart: str = "mixed", **expected: Any) -> Nasty:
    expected.setdefault("text", (WORDS,))
    return Nasty(name, kind, lambda: parts(name, *inner, kind=multipart), **expected)


def _single(name: str, kind: int, body: str | bytes, fields: dict[str, str | bytes | None], **expected: Any) -> Nasty:
    return Nasty(name, kind, lambda: letter(name, body, **fields), **expected)


def _page(name: str, kind: int, page: str, **expected: Any) -> Nasty:
    expected.setdefault("text", (WORDS,))
    expected["notices"] = ("HTML_ONLY", *expected.get("notices", ()))
    return _single(name, kind, page, {"Content_Type": HTML}, **expected)


def _deep(levels: int) -> bytes:
    inner = part(TEXT)
    for level in range(levels):
        inner = group("mixed", f"b{level}", inner)
    return inner


def _deep_letter(name: str, levels: int) -> bytes:
    return parts(name, part("Nahoře.\r\n"), _deep(levels))


def _nested_letters(levels: int) -> bytes:
    inner = letter("the innermost letter", "Nejhlouběji.\r\n")
    for level in range(levels):
        inner = head(f"letter {level}", Content_Type="message/rfc822", Content_Transfer_Encoding=None) + b"\r\n" + inner
    return inner


def _bomb() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nuly", b"\0" * 20_000_000)
    return file.getvalue()


def _signed(content: bytes) -> bytes:
    """The content inside a signature, as Outlook sends it unless it is told otherwise."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jana Nováková")])
    day = datetime(2026, 11, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day + timedelta(days=365))
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate.sign(key, SHA256()), key, SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def _wide_picture() -> bytes:
    """A PNG whose head promises a hundred thousand points a side."""
    return PNG[:16] + (100_000).to_bytes(4) * 2 + PNG[24:]


_INNER = letter(
    "an inner letter",
    "Vnitřní text.\r\n",
    From="Petr <petr@example.cz>",
    Subject="Vnitřní",
    References="<cizi@example.cz>",
    Message_ID="<vnitrni@example.cz>",
)
_PICTURE = attached(PNG, "image/png", "logo.png", "Content-ID: <logo@example.cz>").replace(b"attachment;", b"inline;")
_TWO = group("alternative", "=_two", part(TEXT), part(PAGE, HTML))

LETTERS = [
    _of(
        "a letter in a letter",
        22,
        part(TEXT),
        part(_INNER, "message/rfc822"),
        files=("Vnitřní.eml",),
        facts={"references": (), "files.0.summary.contains": "Vnitřní text."},
    ),
    _of(
        "a letter in a letter in base64",
        22,
        part(TEXT),
        attached(_INNER, "message/rfc822", "preposlano.eml"),
        files=("preposlano.eml",),
        facts={"files.0.summary.contains": "petr@example.cz"},
    ),
    _of("a broken letter in a letter", 22, part(TEXT), part(b"\xff\0 nic", "message/rfc822"), files=("file-1.eml",)),
    _of("an empty letter in a letter", 22, part(TEXT), part(b"", "message/rfc822"), files=("file-1.eml",)),
    _single(
        "nothing but a letter",
        22,
        _INNER,
        {"Content_Type": "message/rfc822"},
        files=("Vnitřní.eml",),
        facts={"message_id": "<nothing.but.a.letter@example.cz>"},
    ),
    Nasty("a hundred letters in one another", 22, lambda: _nested_letters(100), files=None, facts={"len.files": 1}),
    _of(
        "a digest of letters",
        22,
        *[b"\r\n" + letter(f"digest {number}", f"Text {number}.\r\n") for number in range(3)],
        multipart="digest",
        text=(),
        files=("Lednice.eml", "Lednice (2).eml", "Lednice (3).eml"),
    ),
    Nasty("multiparts ten deep", 23, lambda: _deep_letter("multiparts ten deep", 10), text=("Nahoře.", WORDS)),
    Nasty(
        "multiparts a hundred deep",
        23,
        lambda: _deep_letter("multiparts a hundred deep", 100),
        text=("Nahoře.",),
        files=("file-1.eml",),
        notices=("TOO_DEEP",),
    ),
    Nasty(
        "multiparts two thousand deep",
        23,
        lambda: _deep_letter("multiparts two thousand deep", 2000),
        text=("Nahoře.",),
        files=("file-1.eml",),
        notices=("TOO_DEEP",),
    ),
    Nasty(
        "two thousand boundaries that never come",
        23,
        lambda: (
            head("two thousand boundaries that never come", Content_Type='multipart/mixed; boundary="0"')
            + b"\r\n"
            + b"".join(
                b'--%d\r\nContent-Type: multipart/mixed; boundary="%d"\r\n\r\n' % (one, one + 1) for one in range(2000)
            )
        ),
        files=("file-1.eml",),
        notices=("TOO_DEEP",),
    ),
    _of(
        "ten thousand parts",
        23,
        part(TEXT),
        *[part(f"Cast {number}", "text/plain") for number in range(10_000)],
        text=(WORDS, "Cast 1"),
        files=("file-1.bin",),
        notices=("TOO_MANY_PARTS",),
    ),
    _of(
        "an inner part with the boundary of the outer one",
        23,
        part(TEXT),
        group("mixed", "=_outer", part("Uvnitř.\r\n"), part("Druhý.\r\n")),
        text=(WORDS, "Uvnitř."),
        files=None,
    ),
    _of(
        "a boundary that begins like the outer one",
        23,
        group("mixed", "=_outer-1", part(TEXT), part("Druhý.\r\n")),
        part("Třetí.\r\n"),
        text=(WORDS, "Druhý.", "Třetí."),
    ),
    Nasty(
        "a boundary that is missing",
        23,
        lambda: letter("a boundary that is missing", TEXT, Content_Type="multipart/mixed"),
        text=(WORDS,),
    ),
    Nasty(
        "a boundary that never comes",
        23,
        lambda: letter("a boundary that never comes", TEXT, Content_Type="multipart/mixed; boundary=nikdy"),
        text=(WORDS,),
    ),
    Nasty(
        "a boundary of blanks",
        23,
        lambda: letter("a boundary of blanks", TEXT, Content_Type='multipart/mixed; boundary="   "'),
        text=(WORDS,),
    ),
    Nasty(
        "a last boundary that is missing",
        23,
        lambda: parts("a last boundary that is missing", part(TEXT), part("Druhý.\r\n")).removesuffix(
            b"--=_outer--\r\n"
        ),
        text=(WORDS, "Druhý."),
        notices=("DAMAGED",),
    ),
    Nasty(
        "text below the last boundary",
        23,
        lambda: parts("text below the last boundary", part(TEXT)) + "Patička ústavu.\r\n".encode(),
        text=(f"{WORDS}\n\nPatička ústavu.",),
    ),
    Nasty(
        "parts of nothing",
        23,
        lambda: head("parts of nothing", Content_Type="multipart/mixed; boundary=b") + b"\r\n--b\r\n--b\r\n--b--\r\n",
        notices=("EMPTY",),
    ),
    _of("a part without a head", 23, b"\r\n" + TEXT.encode()),
    _of(
        "a multipart in base64",
        23,
        part(
            base64.b64encode(between("i", part(TEXT))),
            "multipart/mixed; boundary=i",
            "Content-Transfer-Encoding: base64",
        ),
        files=None,
    ),
    _of(
        "text, a picture, text",
        24,
        part("Před obrázkem.\r\n"),
        _PICTURE,
        part("Za obrázkem.\r\n"),
        text=("Před obrázkem.\n\nZa obrázkem.",),
        files=("logo.png",),
    ),
    _of(
        "a text with a name",
        24,
        part(
            "Pojmenovaný text.\r\n",
            'text/plain; charset=utf-8; name="zprava.txt"',
            "Content-Disposition: inline; filename=zprava.txt",
        ),
        part(TEXT),
        text=("Pojmenovaný text.", WORDS),
        files=("zprava.txt",),
    ),
    _of(
        "a page, a picture, a page",
        24,
        part("<p>Před.</p>", HTML),
        _PICTURE,
        part("<p>Za.</p>", HTML),
        text=("Před.", "Za."),
        files=("logo.png",),
        notices=("HTML_ONLY",),
    ),
    _of(
        "a text that is attached",
        24,
        part(TEXT),
        part("Seznam.\r\n", "text/plain; charset=utf-8", 'Content-Disposition: attachment; filename="seznam.txt"'),
        not_text=("Seznam.",),
        files=("seznam.txt",),
    ),
    _single(
        "a letter that is an attachment",
        24,
        TEXT,
        {"Content_Disposition": 'attachment; filename="text.txt"'},
        text=(WORDS,),
        files=("text.txt",),
    ),
    _of(
        "a page with a plain twin",
        24,
        part(TEXT),
        part(PAGE, HTML),
        multipart="alternative",
        not_notices=("HTML_ONLY",),
    ),
    _of(
        "a page whose plain twin is empty",
        24,
        part(" \r\n"),
        part(PAGE, HTML),
        multipart="alternative",
        notices=("HTML_ONLY",),
    ),
    _of(
        "a page whose plain twin only says so",
        24,
        part("Your program does not show HTML.\r\n"),
        part(PAGE, HTML),
        multipart="alternative",
        not_text=("Your program",),
        notices=("HTML_ONLY",),
    ),
    _of(
        "a file hidden among alternatives",
        24,
        part(TEXT),
        group("mixed", "=_in", part(PAGE, HTML), attached(b"%PDF", "application/pdf", "zadost.pdf")),
        multipart="alternative",
        files=("zadost.pdf",),
    ),
    _of(
        "two plain twins",
        24,
        part("První.\r\n"),
        part("Druhý.\r\n"),
        multipart="alternative",
        text=("První.", "Druhý."),
    ),
    _of(
        "a signed letter",
        25,
        _TWO,
        attached(b"0\x80", "application/pkcs7-signature", "smime.p7s"),
        multipart="signed",
        files=("smime.p7s",),
        notices=("SIGNED",),
    ),
    _of(
        "a letter signed by PGP",
        25,
        part(TEXT),
        part("-----BEGIN PGP SIGNATURE-----\r\n", "application/pgp-signature; name=signature.asc"),
        multipart="signed",
        files=("signature.asc",),
        notices=("SIGNED",),
    ),
    _of(
        "a letter encrypted by PGP",
        25,
        part("Version: 1\r\n", "application/pgp-encrypted"),
        part("-----BEGIN PGP MESSAGE-----\r\n", "application/octet-stream; name=encrypted.asc"),
        multipart="encrypted",
        text=(),
        files=("file-1.bin", "encrypted.asc"),
        notices=("ENCRYPTED",),
    ),
    _single(
        "a text encrypted by PGP",
        25,
        "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n",
        {},
        text=("BEGIN PGP",),
        notices=("ENCRYPTED",),
    ),
    _single(
        "a text signed by PGP",
        25,
        f"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n{TEXT}-----BEGIN PGP SIGNATURE-----\r\n",
        {},
        text=(WORDS,),
        notices=("SIGNED",),
    ),
    _single(
        "an encrypted S/MIME letter",
        25,
        base64.encodebytes(b"0\x82" + b"x" * 600),
        {
            "Content_Type": "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
            "Content_Transfer_Encoding": "base64",
        },
        files=("smime.p7m",),
        notices=("ENCRYPTED",),
    ),
    _single(
        "an opaque signature that is broken",
        25,
        base64.encodebytes(b"0\x82" + b"x" * 600),
        {
            "Content_Type": "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m",
            "Content_Transfer_Encoding": "base64",
        },
        files=("smime.p7m",),
        notices=("SIGNED",),
    ),
    Nasty(
        "an opaque signature",
        25,
        lambda: letter(
            "an opaque signature",
            base64.encodebytes(_signed(part(TEXT))),
            Content_Type='application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
            Content_Transfer_Encoding="base64",
        ),
        text=(WORDS,),
        files=("smime.p7m",),
        notices=("SIGNED",),
        not_notices=("ENCRYPTED",),
    ),
    _of(
        "a winmail.dat",
        26,
        part(TEXT),
        attached(b"\x78\x9f\x3e\x22" + b"\0" * 100, "application/ms-tnef", "winmail.dat"),
        files=("winmail.dat",),
        notices=("WINMAIL",),
    ),
    _of(
        "a winmail.dat of an unknown type",
        26,
        part(TEXT),
        attached(b"x", "application/octet-stream", "WINMAIL.DAT"),
        files=("WINMAIL.DAT",),
        notices=("WINMAIL",),
    ),
    _single(
        "nothing but an invitation",
        27,
        INVITATION,
        {"Content_Type": "text/calendar; method=REQUEST; charset=utf-8"},
        text=("Školení očkovacího týmu", "27. 11. 2026 10:00", "Žďár nad Sázavou"),
        files=("file-1.ics",),
        notices=("INVITATION",),
    ),
    _of(
        "an invitation among alternatives",
        27,
        part(TEXT),
        part(PAGE, HTML),
        part(INVITATION, "text/calendar; method=REQUEST; charset=utf-8"),
        multipart="alternative",
        files=("file-1.ics",),
        notices=("INVITATION",),
        facts={"files.0.summary.contains": "Školení"},
    ),
    _single(
        "an invitation that is broken",
        27,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:vcera\r\nnic",
        {"Content_Type": "text/calendar"},
        files=("file-1.ics",),
        notices=("INVITATION",),
    ),
    _single(
        "an invitation of ten thousand rules",
        27,
        INVITATION.replace("END:VEVENT", "RRULE:FREQ=SECONDLY\r\n" * 10_000 + "END:VEVENT"),
        {"Content_Type": "text/calendar; charset=utf-8"},
        files=("file-1.ics",),
    ),
    _of(
        "a picture in the text",
        28,
        part(f'<p>{WORDS}</p><img src="cid:logo@example.cz">', HTML),
        _PICTURE,
        multipart="related",
        files=("logo.png",),
        facts={"files.0.is_inline": True, "files.0.content_id": "logo@example.cz"},
    ),
    _of("a picture that no text shows", 28, part(TEXT), _PICTURE, files=("logo.png",)),
    _of("one picture many times", 28, part(TEXT), *[_PICTURE] * 20, files=("logo.png",)),
    _of(
        "two pictures under one Content-ID",
        28,
        part(TEXT),
        _PICTURE,
        _PICTURE.replace(b"iVBORw0KGgo", b"iVBORw0KGgp"),
        files=("logo.png", "logo (2).png"),
    ),
    _of(
        "nothing but a picture",
        28,
        attached(PNG, "image/png", None),
        text=(),
        files=("file-1.png",),
        notices=("EMPTY",),
    ),
    _of("a file of no bytes", 29, part(TEXT), attached(b"", "application/pdf", "prazdny.pdf"), files=("prazdny.pdf",)),
    _of(
        "files without names",
        29,
        part(TEXT),
        attached(b"1", "application/pdf", None),
        attached(b"2", "image/jpeg", None),
        attached(b"3", "x-neznamy/typ", None),
        files=("file-1.pdf", "file-2.jpg", "file-3.bin"),
    ),
    _of(
        "files of one name",
        29,
        part(TEXT),
        *[attached(f"{number}".encode(), "text/csv", "Sklad.CSV") for number in range(3)],
        files=("Sklad.CSV", "Sklad (2).CSV", "Sklad (3).CSV"),
    ),
    _of(
        "names of two cases",
        29,
        part(TEXT),
        attached(b"1", "text/csv", "sklad.csv"),
        attached(b"2", "text/csv", "SKLAD.csv"),
        files=("sklad.csv", "SKLAD (2).csv"),
    ),
    _of(
        "a name that climbs",
        30,
        part(TEXT),
        attached(b"x", "application/pdf", "../../../etc/passwd"),
        attached(b"x", "application/pdf", "C:\\\\Windows\\\\system32\\\\a.dll"),
        files=("passwd", "a.dll"),
    ),
    _of(
        "a name that turns round",
        30,
        part(TEXT),
        attached(b"x", "application/pdf", "faktura\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe"),
        files=("fakturafdp.exe",),
    ),
    _of(
        "a name of ten thousand letters",
        30,
        part(TEXT),
        attached(b"x", "application/pdf", "ž" * 5000 + ".pdf"),
        files=("ž" * 146 + ".pdf",),
    ),
    _of(
        "a name of dots",
        30,
        part(TEXT),
        attached(b"x", "application/pdf", ".."),
        attached(b"x", "application/pdf", " . "),
        files=("file-1.pdf", "file-2.pdf"),
    ),
    _of(
        "a name that is markup",
        30,
        part(TEXT),
        attached(b"x", "application/pdf", "<script>alert(1)</script>.pdf"),
        files=("script_.pdf",),
    ),
    _of(
        "a name with a line end",
        30,
        part(TEXT),
        part("x", "application/pdf", "Content-Disposition: attachment; filename*=utf-8''a%0D%0AX-Injected%3A1.pdf"),
        files=("a X-Injected_1.pdf",),
    ),
    _of(
        "a name with half a character",
        30,
        part(TEXT),
        part("x", "application/pdf", "Content-Disposition: attachment; filename*=utf-8''%C5.pdf"),
        files=("Ĺ.pdf",),
    ),
    _of(
        "an archive that swells",
        31,
        part(TEXT),
        attached(_bomb(), "application/zip", "bomba.zip"),
        files=("bomba.zip",),
    ),
    _of(
        "a picture that swells",
        31,
        part(TEXT),
        attached(_wide_picture(), "image/png", "velky.png"),
        files=("velky.png",),
    ),
    _of(
        "a gzip that says it is text",
        31,
        part(TEXT),
        attached(gzip.compress(b"\0" * 5_000_000), "text/x-gzip", "log.gz"),
        files=("log.gz",),
    ),
    Nasty(
        "twenty-five megabytes of files",
        32,
        lambda: parts(
            "twenty-five megabytes of files",
            part(TEXT),
            attached(bytes(25 * 1024 * 1024), "application/zip", "velky.zip"),
        ),
        text=(WORDS,),
        files=("velky.zip",),
        facts={"files.0.size": 25 * 1024 * 1024},
    ),
    Nasty(
        "ten megabytes of text",
        32,
        lambda: letter("ten megabytes of text", TEXT * 100_000),
        text=(WORDS,),
        notices=("TRUNCATED",),
    ),
    _page("nothing but a page", 33, PAGE),
    _page("a page of a thousand layers", 33, "<div>" * 1000 + WORDS + "</div>" * 1000),
    _page("a page of six thousand layers", 33, "<div>" * 6000 + WORDS),
    _page("a page of five thousand paragraphs", 33, f"<p>{WORDS}</p>" + "<p>řádek</p>" * 5000),
    _page("a page of tables in tables", 33, "<table><tr><td>" * 300 + WORDS + "</td></tr></table>" * 300),
    _page("a page that is no page", 33, f"<<<>>><p <b>{WORDS}</i></html></p>"),
    _page("a page that declares another set", 33, f'<meta charset="windows-1250"><p>{WORDS}</p>'),
    Nasty(
        "a page that nobody calls one",
        33,
        lambda: letter("a page that nobody calls one", PAGE, Content_Type=None),
        text=(WORDS,),
        not_text=("<p>",),
        notices=("HTML_ONLY",),
    ),
    Nasty(
        "a page that alone says its set",
        33,
        lambda: letter(
            "a page that alone says its set",
            "<html><meta http-equiv='Content-Type' content='text/html; charset=koi8-r'><p>Привет</p>".encode("koi8_r"),
            Content_Type="text/html",
        ),
        text=("Привет",),
        notices=("HTML_ONLY",),
        not_notices=("CHARSET_GUESSED",),
    ),
    _page(
        "a page with a script", 34, f"<script>alert('zlo')</script><p onclick='zlo()'>{WORDS}</p>", not_text=("zlo",)
    ),
    _page(
        "a page that leads elsewhere",
        34,
        f'<meta http-equiv="refresh" content="0;url=https://zly.example.cz/"><p>{WORDS}</p>',
        notices=("REMOTE_CONTENT",),
    ),
    _page(
        "a page that tracks",
        34,
        f'<p>{WORDS}</p><img src="https://sleduje.example.cz/1.gif" width=1 height=1>',
        notices=("REMOTE_CONTENT",),
    ),
    _page(
        "a page that tracks by its style",
        34,
        f"<style>p{{background:url(https://sleduje.example.cz/1.gif)}}</style><p>{WORDS}</p>",
        not_text=("sleduje",),
        notices=("REMOTE_CONTENT",),
    ),
    _single(
        "junk in base64",
        35,
        base64.b64encode(TEXT.encode())[:60] + b"\xff!*\r\n" + base64.b64encode(TEXT.encode())[60:],
        {"Content_Transfer_Encoding": "base64"},
        text=(WORDS,),
        notices=("DAMAGED",),
    ),
    _single(
        "base64 that is cut",
        35,
        base64.b64encode((TEXT + "Konec").encode())[:-3],
        {"Content_Transfer_Encoding": "base64"},
        text=(WORDS,),
        notices=("DAMAGED",),
    ),
    _single(
        "a footer below base64",
        35,
        base64.encodebytes(TEXT.encode()) + b"\r\n_____\r\nTato zprava byla zkontrolovana\r\n",
        {"Content_Transfer_Encoding": "base64"},
        text=(WORDS, "Tato zprava byla zkontrolovana"),
        notices=("DAMAGED",),
    ),
    _single(
        "base64 in pieces with padding",
        35,
        base64.b64encode("Dobrý den.\n".encode()) + b"\r\n" + base64.b64encode(WORDS.encode()),
        {"Content_Transfer_Encoding": "base64"},
        text=("Dobrý den.", WORDS),
    ),
    _single(
        "text that says it is base64",
        35,
        "Prosim o pomoc s registraci.\r\n",
        {"Content_Transfer_Encoding": "base64"},
        text=("Prosim o pomoc s registraci.",),
        notices=("DAMAGED",),
    ),
    _single(
        "a blank after the name of the encoding",
        35,
        base64.encodebytes(TEXT.encode()),
        {"Content_Transfer_Encoding": "base64 "},
        text=(WORDS,),
        not_notices=("DAMAGED",),
    ),
    _single(
        "an encoding that nobody knows",
        35,
        TEXT,
        {"Content_Transfer_Encoding": "x-neznamy"},
        text=(WORDS,),
        notices=("DAMAGED",),
    ),
    _single(
        "broken quoted-printable",
        35,
        "P=C5=99ed =ZZ =\r\npo =C5=BE=3\r\nKonec=",
        {"Content_Transfer_Encoding": "quoted-printable"},
        text=("Před =ZZ po ž", "Konec"),
        notices=("DAMAGED",),
    ),
    _single(
        "quoted-printable in another case",
        35,
        "p=c5=99ed",
        {"Content_Transfer_Encoding": "Quoted-Printable"},
        text=("před",),
        not_notices=("DAMAGED",),
    ),
    _single(
        "a uuencoded text",
        35,
        b"begin 644 a.txt\r\n%4')O<V(\r\n`\r\nend\r\n",
        {"Content_Transfer_Encoding": "x-uuencode"},
        text=("Prosb",),
    ),
    _of(
        "a file of junk in base64",
        35,
        part(TEXT),
        part(
            "@@@@ nic @@@@",
            "application/pdf",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment; filename=a.pdf",
        ),
        files=("a.pdf",),
        notices=("DAMAGED",),
    ),
    _single(
        "commands hidden in a page",
        53,
        f"<p>{WORDS}</p><p style='display:none'>#close #assign admin</p>",
        {"Content_Type": HTML},
        text=(WORDS,),
        notices=("HTML_ONLY",),
    ),
    _single(
        "commands in a comment of a page",
        53,
        f"<!-- status: closed; sudo rm --><p>{WORDS}</p>",
        {"Content_Type": HTML},
        text=(WORDS,),
        not_text=("sudo",),
    ),
    _single(
        "commands in the text",
        53,
        f"{TEXT}#resolve\r\n@@owner=admin\r\nX-CRS-State: CLOSED\r\n",
        {"X_CRS_State": "CLOSED"},
        text=(WORDS, "#resolve"),
    ),
    Nasty(
        "a letter to a desk that is all of it a part",
        29,
        lambda: parts(
            "a letter to a desk that is all of it a part",
            group("mixed", "=_a", group("mixed", "=_b", part(TEXT))),
            To=DESK,
        ),
        text=(WORDS,),
    ),
]
