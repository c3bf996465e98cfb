"""What of a letter is text and what is a file."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import pgettext

from certificates.revocation.signed_message import BrokenMessage, opened
from crs.typed import plain
from support.letters import file_names, invitations
from support.letters.charsets import decoded
from support.letters.headers import text_of
from support.letters.html_text import text_of_html
from support.letters.notices import Notice
from support.letters.parts import ReadFile
from support.letters.structure import Part, leaves, structure

MOST_CHARACTERS = 400_000
# Of one part; the rest of it stands in the raw letter.
MOST_BYTES_OF_TEXT = 2_000_000
MOST_OF_A_SUMMARY = 20_000
# Formatted pages cost most: so many of a letter are made text, and of them so many characters; others stay files.
MOST_PAGES, MOST_OF_PAGES = 20, 2_000_000
# Letters in a letter of which the text is shown, and how deep; they are files in any case.
MOST_LETTERS, DEEPEST_LETTER = 20, 2
MOST_INVITATIONS = 5
# An opaque signature is opened up to here, for its elements are copied layer by layer.
MOST_SIGNED_BYTES, MOST_SIGNATURES = 3_000_000, 2

_TEXTS = {"text/plain", "text/enriched", "text/richtext", "text/markdown", "text/x-markdown", "text/x-log"}
_ENVELOPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_LETTERS = {"message/rfc822", "message/global"}
_WINMAIL = {"application/ms-tnef", "application/vnd.ms-tnef"}
# What those write into the plain text who write none.
_NO_TEXT = re.compile(r"\bhtml\b", re.IGNORECASE)
_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^<>]{0,200}\bcharset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_HALVES = re.compile("[\ud800-\udfff]")


def cleaned_text(text: str) -> str:
    """A text of lines that end in LF, without NUL and other signs that no page and no database takes."""
    lines = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", _HALVES.sub("\N{REPLACEMENT CHARACTER}", lines))


@dataclass
class Spent:
    """What a letter and the letters in it have cost so far."""

    pages: int = 0
    of_pages: int = 0
    letters: int = 0
    invitations: int = 0
    signatures: int = 0


@dataclass
class Body:
    """Text, files and oddities of a letter, gathered part by part."""

    # How many letters it lies in; of an inner one the words are wanted, not the bytes of its files.
    letters_around: int = 0
    spent: Spent = field(default_factory=Spent)
    texts: list[str] = field(default_factory=list)
    files: list[ReadFile] = field(default_factory=list)
    notices: dict[Notice, None] = field(default_factory=dict)
    html_was_used: bool = False
    names: set[str] = field(default_factory=set)
    pictures: set[tuple[str, bytes]] = field(default_factory=set)

    def note(self, notice: Notice) -> None:
        """Say it once."""
        self.notices.setdefault(notice)

    def add(self, text: str) -> None:
        """Another text below those that there are."""
        cleaned = cleaned_text(text).strip("\n")
        if cleaned.strip():
            self.texts.append(cleaned)
        if "-----BEGIN PGP MESSAGE-----" in cleaned:
            self.note(Notice.ENCRYPTED)
        elif "-----BEGIN PGP SIGNED MESSAGE-----" in cleaned:
            self.note(Notice.SIGNED)

    @property
    def text(self) -> str:
        """All texts."""
        return "\n\n".join(self.texts)


def body_of(top: Part, around: Body | None = None) -> Body:
    """What a letter says and brings; `around` is that of the letter in which it lies.

    It takes bounded time, whatever the letter holds.
    """
    body = Body(around.letters_around + 1, around.spent) if around else Body()
    below: list[str] = []
    # Parts to take, and whether their words stand in the text already, as those of a page that has a plain twin.
    waiting = [(top, False)]
    while waiting:
        part, is_said = waiting.pop()
        if part.is_damaged:
            body.note(Notice.DAMAGED)
        if part.is_too_deep or part.is_rest:
            _keep_as_it_came(body, part)
        elif part.children:
            body.notices.update(_label(part))
            waiting.extend(reversed(_in_turn(part, is_said)))
        elif inner := _signed_letter(body, part):
            waiting.append((inner, is_said))
        else:
            _take(body, part, is_said=is_said, is_all=part is top)
        if part.epilogue:
            below.append(decoded(part.epilogue).text)
    for text in below:
        body.add(text)
    return body


def _label(part: Part) -> dict[Notice, None]:
    match part.type:
        case "multipart/signed":
            return {Notice.SIGNED: None}
        case "multipart/encrypted":
            return {Notice.ENCRYPTED: None}
        case _:
            return {}


def _in_turn(part: Part, is_said: bool) -> list[tuple[Part, bool]]:
    """The parts of a part. Of alternatives the plain text counts, else the last page; the files of all are kept."""
    if is_said or part.type != "multipart/alternative":
        return [(child, is_said) for child in part.children]
    pages = [child for child in part.children if any(leaf.type == "text/html" for leaf in leaves(child))]
    chosen = [child for child in part.children if child.type in _TEXTS and _says_something(child, bool(pages))]
    if not chosen:
        chosen = pages[-1:] or part.children
    return [(child, child not in chosen) for child in part.children]


def _says_something(part: Part, has_page: bool) -> bool:
    content = part.content.content
    if has_page and len(content) < 400 and _NO_TEXT.search(content.decode("latin-1")):
        return False
    return bool(content.strip(b" \t\r\n\xa0\xc2\0"))


def _take(body: Body, part: Part, *, is_said: bool, is_all: bool) -> None:
    kind, name = part.type, _name(part)
    if kind.startswith("multipart/"):
        kind = "text/plain"  # its boundary is missing, or never comes
    if kind == "text/plain" and not part.first("content-type") and _PAGE.match(part.content.content[:200]):
        kind = "text/html"
    is_attached = part.disposition.value == "attachment" and not is_all
    if kind in _TEXTS and not is_attached:
        if not is_said:
            body.add(_text_in(body, part))
    elif kind == "text/html" and not is_attached and (not name or is_all):
        if not is_said and not _add_page(body, part):
            name = name or "page.html"
    else:
        _add_file(body, part, name)
        return
    if name:
        _add_file(body, part, name)


def _name(part: Part) -> str:
    """What the part calls itself; '' if nothing of it can be shown."""
    named = part.disposition.named.get("filename") or part.content_type.named.get("name") or ""
    return file_names.cleaned(named)


def _text_in(body: Body, part: Part) -> str:
    """The text of a part, with notices of what is wrong with it."""
    content, rest, is_damaged = part.content
    if is_damaged:
        body.note(Notice.DAMAGED)
    if len(content) > MOST_BYTES_OF_TEXT:
        body.note(Notice.TRUNCATED)
        content = content[: content.rfind(b"\n", 0, MOST_BYTES_OF_TEXT) + 1 or MOST_BYTES_OF_TEXT]
    charset = part.content_type.named.get("charset", "")
    if not charset and (stated := _META.search(content[:2000])):
        charset = stated[1].decode("ascii")
    text, was_guessed, has_losses = decoded(content, charset)
    if was_guessed:
        body.note(Notice.CHARSET_GUESSED)
    if has_losses:
        body.note(Notice.CHARACTERS_LOST)
    return f"{text}\n\n{decoded(rest).text}" if rest else text


def _add_page(body: Body, part: Part) -> bool:
    """Add the text of a formatted page; whether that could be afforded."""
    source = _text_in(body, part)
    spent = body.spent
    spent.pages += 1
    spent.of_pages += len(source)
    if spent.pages > MOST_PAGES or (spent.pages > 1 and spent.of_pages > MOST_OF_PAGES):
        body.note(Notice.HTML_CUT)
        return False
    page = text_of_html(source)
    body.add(page.text)
    body.html_was_used = True
    body.note(Notice.HTML_ONLY)
    if page.has_remote_content:
        body.note(Notice.REMOTE_CONTENT)
    if not page.is_complete:
        body.note(Notice.HTML_CUT)
        spent.pages = MOST_PAGES  # another such page would take as long
    return True


def _add_file(body: Body, part: Part, name: str) -> None:
    kind = part.type
    content_id = text_of(part.first("content-id")).strip(" <>")[:200]
    content = b"" if body.letters_around else part.content.content
    if not body.letters_around and part.content.is_damaged:
        body.note(Notice.DAMAGED)
    is_inline = bool(content_id) and kind.startswith("image/") and part.disposition.value != "attachment"
    if is_inline:
        if (content_id, content) in body.pictures:
            return
        body.pictures.add((content_id, content))
    if kind in _WINMAIL or name.lower() == "winmail.dat":
        body.note(Notice.WINMAIL)
    elif kind in _SIGNATURES:
        body.note(Notice.SIGNED)
    elif kind in _ENVELOPES:
        is_signed = part.content_type.named.get("smime-type", "").lower() == "signed-data"
        body.note(Notice.SIGNED if is_signed else Notice.ENCRYPTED)
    if kind in _LETTERS:
        subject, summary = _letter_in_words(body, part)
        name = name or file_names.cleaned(f"{subject}.eml" if subject else "")
    else:
        summary = _summary(body, part)
    _keep(body, ReadFile(name, kind[:100], content, content_id, is_inline, summary))


def _keep(body: Body, file: ReadFile) -> None:
    name = file.name or file_names.made_up(file.content_type, len(body.files) + 1)
    name = file_names.told_apart(name, body.names)
    body.files.append(ReadFile(name, file.content_type, file.content, file.content_id, file.is_inline, file.summary))


def _keep_as_it_came(body: Body, part: Part) -> None:
    body.note(Notice.TOO_DEEP if part.is_too_deep else Notice.TOO_MANY_PARTS)
    content = part.as_it_came
    summary = cleaned_text(decoded(content[:MOST_OF_A_SUMMARY]).text)
    kind = "message/rfc822" if part.is_too_deep else "application/octet-stream"
    _keep(body, ReadFile("", kind, b"" if body.letters_around else content, "", is_inline=False, summary=summary))


def _summary(body: Body, part: Part) -> str:
    if part.type == "text/calendar":
        body.note(Notice.INVITATION)
        body.spent.invitations += 1
        if body.spent.invitations > MOST_INVITATIONS:
            return ""
        charset = part.content_type.named.get("charset", "")
        return cleaned_text(invitations.summary(part.content.content, charset))
    if part.type.startswith("message/") or part.type == "text/rfc822-headers":
        return cleaned_text(decoded(part.content.content[:MOST_OF_A_SUMMARY]).text)
    return ""


def _letter_in_words(body: Body, part: Part) -> tuple[str, str]:
    """Subject and text of a letter in the letter."""
    body.spent.letters += 1
    if body.spent.letters > MOST_LETTERS or body.letters_around >= DEEPEST_LETTER:
        return "", ""
    inner = structure(part.content.content)
    rows = (
        (pgettext("letter", "From"), "from"),
        (pgettext("letter", "To"), "to"),
        (pgettext("letter", "Date"), "date"),
        (pgettext("letter", "Subject"), "subject"),
    )
    head = [f"{label}: {plain(text_of(inner.first(name)))[:500]}" for label, name in rows if inner.first(name)]
    within = body_of(inner, body)
    files = [f"[{file.name}]" for file in within.files if not file.is_inline]
    summaries = [file.summary for file in within.files if file.summary]
    parts = ["\n".join(head), within.text, "\n".join(files), *summaries]
    subject = plain(text_of(inner.first("subject"))).replace("/", "-").replace("\\", "-")
    return subject, "\n\n".join(text for text in parts if text)[:MOST_OF_A_SUMMARY]


def _signed_letter(body: Body, part: Part) -> Part | None:
    """The letter inside an opaque signature, which many programs write instead of a text with a signature beside it."""
    if (
        part.type not in _ENVELOPES
        or body.spent.signatures >= MOST_SIGNATURES
        or part.end - part.body > MOST_SIGNED_BYTES
    ):
        return None
    if part.content_type.named.get("smime-type", "").lower() == "enveloped-data":
        return None
    body.spent.signatures += 1
    try:
        content = opened(part.content.content).content
    except (BrokenMessage, AttributeError):
        return None
    body.note(Notice.SIGNED)
    _add_file(body, part, _name(part) or "smime.p7m")
    return structure(content)
