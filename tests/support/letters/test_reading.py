"""Every nasty letter is read as it should be, whatever is done to its bytes."""

import tracemalloc
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from time import process_time
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs.typed import plain
from support.letters import file_names, reading
from support.letters.identity import identity
from support.letters.parts import Address, ReadLetter
from support.letters.reading import read
from support.letters.sorting import kind_of, may_be_answered
from tests.support.nasty_letters import LETTERS, PAIRS, Nasty
from tests.support.nasty_letters.building import DESK, LINE, WORDS
from tests.support.nasty_letters.building import letter as letter_of

# What breaks a letter where it is put.
PIECES = [
    b"\r",
    b"\n",
    b"\r\n\r\n",
    b"\0",
    b"\xff",
    b"\x1b$B",
    b"--=_outer",
    b"--=_outer--",
    b'"',
    b"(",
    b"<",
    b"=?",
    b"?=",
    b"=?utf-8?Q?=C5",
    b";",
    b"*0*=",
    b"%C5",
    b"=",
    b"Content-Type: multipart/mixed; boundary=x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
]


def _fact(value: Any, path: str) -> Any:
    """What stands at 'files.0.name', with 'len.files' and 'files.0.size' for lengths."""
    if path.startswith("len."):
        return len(_fact(value, path[4:]))
    name, _, rest = path.partition(".")
    if isinstance(value, tuple):
        found = value[int(name)]
    elif name == "size":
        return len(value.content)
    elif isinstance(value, str):
        return value
    elif hasattr(value, "get"):
        return value.get(path)
    else:
        found = getattr(value, name)
    return _fact(found, rest) if rest else found


@pytest.mark.parametrize("nasty", LETTERS, ids=str)
def test_a_nasty_letter_is_read(nasty: Nasty) -> None:
    letter = read(nasty.raw)
    assert letter.is_readable == nasty.is_readable
    if nasty.subject is not None:
        assert letter.subject == nasty.subject
    if nasty.from_ is not None:
        assert letter.from_.address == nasty.from_
    for piece in nasty.text:
        assert piece in letter.text
    for piece in nasty.not_text:
        assert piece not in letter.text
    if nasty.files is not None:
        assert tuple(file.name for file in letter.files) == nasty.files
    assert set(nasty.notices) <= set(letter.notices)
    assert not set(nasty.not_notices) & set(letter.notices)
    for path, expected in nasty.facts.items():
        found = _fact(letter, path.removesuffix(".contains"))
        assert expected in found if path.endswith(".contains") else found == expected
    kind = kind_of(letter, envelope_sender=nasty.envelope_sender, own_addresses=(DESK, LINE))
    assert kind == nasty.sort
    answered = may_be_answered(letter, kind, envelope_sender=nasty.envelope_sender, own_addresses=(DESK, LINE))
    assert answered == nasty.may_be_answered


def _read_at_once(raw: bytes) -> ReadLetter:
    """The reading of a letter, which neither needed the net that catches what nobody thought of, nor took long."""
    before = process_time()
    with patch.object(reading.logger, "error", side_effect=AssertionError("the net was needed")):
        letter = read(raw)
    assert process_time() - before < 3
    assert all("\0" not in text for text in (letter.text, letter.subject, letter.from_.name, letter.from_.address))
    letter.text.encode()  # no half of a surrogate pair is left
    assert all(file.name and "/" not in file.name and len(file.name) <= 200 for file in letter.files)
    assert len({file.name for file in letter.files}) == len(letter.files)
    identity(raw)
    return letter


@pytest.mark.parametrize("piece", [b"a,", b"a" * 99 + b",", b"=?a?q?", b'"a', b"a@b.cz,"])
def test_many_fields_of_people_take_no_time(piece: bytes) -> None:
    field = b": " + piece * (19_900 // len(piece)) + b"\r\n"
    before = process_time()
    read(b"".join((name + field) * 20 for name in (b"From", b"To", b"Cc", b"Delivered-To")) + b"\r\nText\r\n")
    assert process_time() - before < 3


SMALL = [nasty.raw for nasty in LETTERS if len(nasty.raw) < 20_000]


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.97])
def test_a_letter_that_was_cut_anywhere_is_read(keep: float) -> None:
    for raw in SMALL:
        _read_at_once(raw[: int(len(raw) * keep)])


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read(raw: bytes) -> None:
    _read_at_once(raw)


@given(st.binary(max_size=1000), st.sampled_from(["Subject", "From", "To", "Content-Type", "Date", "References"]))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_a_field_are_read(value: bytes, name: str) -> None:
    _read_at_once(letter_of("any", **{name.replace("-", "_"): value}))


@given(
    st.sampled_from(SMALL),
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 8), st.sampled_from(PIECES) | st.binary(max_size=8)), max_size=8
    ),
)
@settings(max_examples=250, deadline=None)
def test_a_letter_that_was_changed_anywhere_is_read(raw: bytes, changes: list[tuple[float, int, bytes]]) -> None:
    for place, gone, piece in changes:
        at = int(place * len(raw))
        raw = raw[:at] + piece + raw[at + gone :]
    _read_at_once(raw)


LINE_OF_WORDS = st.text(
    st.characters(categories=["L", "Nd", "P", "Zs"], exclude_characters="\\/"), min_size=1, max_size=80
)


@given(
    subject=LINE_OF_WORDS,
    name=st.text(st.characters(categories=["L", "Nd", "Zs"]), max_size=40),
    text=st.lists(LINE_OF_WORDS, max_size=5).map("\n".join),
    charset=st.sampled_from(["utf-8", "windows-1250", "iso-8859-2"]),
    encoding=st.sampled_from(["base64", "quoted-printable", "8bit"]),
    file=st.binary(max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_what_the_library_writes_is_read_as_it_was_meant(
    subject: str, name: str, text: str, charset: str, encoding: str, file: bytes
) -> None:
    text = text.encode(charset, "replace").decode(charset)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = HeaderAddress(name, addr_spec="jana@example.cz")
    message.set_content(text, charset=charset, cte=encoding)
    message.add_attachment(file, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    letter = read(message.as_bytes())
    assert letter.subject == plain(subject)
    assert letter.from_ == Address(plain(name), "jana@example.cz")
    assert letter.text.split() == plain(text).split()
    assert [attached.content for attached in letter.files] == [file]
    assert letter.files[0].name == (file_names.cleaned(f"{name}.pdf") or "file-1.pdf")


def test_every_kind_of_nasty_letter_is_there() -> None:
    kinds = {nasty.kind for nasty in LETTERS} | {pair.kind for pair in PAIRS}
    assert kinds == set(range(1, 56))
    assert len({nasty.name for nasty in LETTERS}) == len(LETTERS) >= 150


def test_a_fault_of_ours_shows_the_letter_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(raw: bytes) -> None:
        raise RecursionError

    monkeypatch.setattr(reading, "structure", fail)
    letter = read(letter_of("whole"))
    assert not letter.is_readable
    assert letter.notices == ("UNREADABLE",)
    assert "Subject: Lednice" in letter.text
    assert WORDS in letter.text


def test_a_letter_of_25_megabytes_is_copied_once() -> None:
    raw = next(nasty for nasty in LETTERS if nasty.kind == 32).raw
    tracemalloc.start()
    try:
        read(raw)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What is encoded is copied out of the letter, and then there is the file.
    assert most < 2.2 * len(raw)


def test_the_words_of_a_letter_that_failed_stand_in_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(raw: bytes) -> None:
        raise ValueError(raw.decode())

    monkeypatch.setattr(reading, "structure", fail)
    read(letter_of("secret", "850101/1234"))
    assert "could not be read: ValueError" in caplog.text
    assert "850101" not in caplog.text
