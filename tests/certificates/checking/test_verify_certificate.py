"""`manage.py verify_certificate`: what it says, and with what it exits."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from certificates.management.commands.verify_certificate import _password
from tests.certificates.checking.codes import file, locked, ours, photograph, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a text into standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("verify_certificate", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_and_standard_input_are_read(tmp_path: Path, typed: Callable[[str], None]) -> None:
    text = ours().text
    table = photograph(picture(text))
    written = {
        "a.txt": text.encode("utf-16"),
        "b.txt": b"\xef\xbb\xbf" + text.encode() + b"\r\n",
        "c.png": file(table),
        "d.pdf": locked(file(table, "PDF"), "Kp7mTx3vWq9"),
        "password": b"Kp7mTx3vWq9\n",
    }
    for name, content in written.items():
        (tmp_path / name).write_bytes(content)
    answers = [run("--file", str(tmp_path / name)) for name in ("a.txt", "b.txt", "c.png")]
    answers.append(run("--file", str(tmp_path / "d.pdf"), "--password-file", str(tmp_path / "password")))
    for arguments in ([], ["-"]):
        typed(text)
        answers.append(run(*arguments))
    for answer in answers:
        assert "The certificate is genuine" in answer
        assert "Jana Nováková" in answer
        assert text[:30] not in answer


def test_one_that_is_not_genuine_fails_with_the_reason(typed: Callable[[str], None]) -> None:
    typed("HC1:x")
    with pytest.raises(CommandError, match="This is not the code of a certificate") as raised:
        run()
    assert raised.value.returncode == 1


def test_another_moment_gives_another_answer(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text(ours(days=5).text)
    assert "genuine" in run("--file", str(text), "--at", "12. 1. 2027 9:00")
    for later in ("2027-02-01 9:00", "2027-02-01", "1.2.2027"):
        with pytest.raises(CommandError, match="has expired"):
            run("--file", str(text), "--at", later)
    with pytest.raises(CommandError, match="write the moment"):
        run("--file", str(text), "--at", "zítra")


@pytest.mark.parametrize(
    "written", [b"\xef\xbb\xbfKp7mTx3vWq9\r\n", "Kp7mTx3vWq9\r\n".encode("utf-16"), b"  Kp7mTx3vWq9"]
)
def test_a_password_is_read_as_editors_of_texts_write_it(written: bytes, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(written)
    assert _password(tmp_path / "p") == "Kp7mTx3vWq9"


@pytest.mark.parametrize("written", [b"p\xe1", "Kp7mTx3vWq9".encode("utf-16-le")])
def test_a_password_in_another_encoding_is_refused_with_advice(written: bytes, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(written)
    with pytest.raises(CommandError, match="Save it in UTF-8"):
        _password(tmp_path / "p")


@pytest.mark.parametrize(
    "arguments", [["HC1:x"], ["-", "--file", "x"], ["--file", "/nowhere/x"], ["--password-file", "/nowhere/x"]]
)
def test_what_cannot_be_done_is_told(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_an_empty_file_and_one_of_another_kind_are_told_apart(tmp_path: Path) -> None:
    for content, words in ((b"\xef\xbb\xbf\r\n", "The file is empty"), (b"a letter", "A text must begin with HC1:")):
        (tmp_path / "a").write_bytes(content)
        with pytest.raises(CommandError, match=words):
            run("--file", str(tmp_path / "a"))


def test_a_file_without_a_code_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(locked(file(photograph(picture(ours().text)), "PDF"), "Kp7mTx3vWq9"))
    with pytest.raises(CommandError, match="locked with a password"):
        run("--file", str(tmp_path / "a.pdf"))
