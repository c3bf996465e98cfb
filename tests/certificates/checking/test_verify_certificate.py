"""`manage.py verify_certificate`: what it says, and with what it exits."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.certificates.checking.codes import file, locked, ours, photograph, picture
from tests.factories import NOW, make_signing_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture(autouse=True)
def _key() -> None:
    make_signing_key(now=NOW - timedelta(days=1))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("verify_certificate", *arguments, stdout=out)
    return out.getvalue()


def test_a_text_a_file_and_standard_input_are_read(tmp_path: Path, monkeypatch: Any) -> None:
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
    answers = [run(text)] + [run("--file", str(tmp_path / name)) for name in ("a.txt", "b.txt", "c.png")]
    answers.append(run("--file", str(tmp_path / "d.pdf"), "--password-file", str(tmp_path / "password")))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answers.append(run())
    for answer in answers:
        assert "The certificate is genuine" in answer
        assert "Jana Nováková" in answer
        assert text[:30] not in answer


def test_one_that_is_not_genuine_fails_with_the_reason() -> None:
    with pytest.raises(CommandError, match="This is not the code of a certificate") as raised:
        run("HC1:x")
    assert raised.value.returncode == 1


def test_another_moment_gives_another_answer() -> None:
    text = ours(days=5).text
    assert "genuine" in run(text, "--at", "12. 1. 2027 9:00")
    with pytest.raises(CommandError, match="has expired"):
        run(text, "--at", "2027-02-01 9:00")
    with pytest.raises(CommandError, match="write the moment"):
        run(text, "--at", "zítra")


@pytest.mark.parametrize("arguments", [["HC1:x", "--file", "x"], ["--file", "/nowhere/x"]])
def test_what_cannot_be_done_is_told(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def test_a_file_without_a_code_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(locked(file(photograph(picture(ours().text)), "PDF"), "Kp7mTx3vWq9"))
    with pytest.raises(CommandError, match="locked with a password"):
        run("--file", str(tmp_path / "a.pdf"))
