"""Names of files are shown safely, and apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.letters import file_names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("žádost.pdf", "žádost.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\jana\\foto.jpg", "foto.jpg"),
        ("fdp.\u202eexe", "fdp.exe"),
        ("a\r\nb.pdf", "a b.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("..", ""),
        ("zpráva: co? <dál>.pdf", "zpráva_ co_ _dál_.pdf"),
        ("r\u030ci.pdf", "ři.pdf"),
    ],
)
def test_a_name_is_cleaned(name: str, shown: str) -> None:
    assert file_names.cleaned(name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    assert file_names.cleaned("x" * 9000 + ".docx").endswith("x.docx")
    assert len(file_names.cleaned("x" * 9000)) == file_names.LONGEST


@given(st.text(max_size=300))
def test_no_name_leads_anywhere(name: str) -> None:
    shown = file_names.cleaned(name)
    assert len(shown) <= file_names.LONGEST
    assert not set(shown) & set('/\\\0\r\n"')
    assert not shown.startswith(".")
    assert file_names.cleaned(shown) == shown


def test_equal_names_are_told_apart() -> None:
    taken: set[str] = set()
    names = [file_names.told_apart(name, taken) for name in ("a.pdf", "A.pdf", "a.pdf", "a (2).pdf", "bez", "bez")]
    assert names == ["a.pdf", "A (2).pdf", "a (3).pdf", "a (2) (2).pdf", "bez", "bez (2)"]


def test_a_file_without_a_name_gets_one_by_its_type() -> None:
    assert file_names.made_up("image/jpeg", 3) == "file-3.jpg"
    assert file_names.made_up("x/y", 1) == "file-1.bin"
