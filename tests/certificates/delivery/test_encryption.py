"""The PDF opens with its password and with nothing else, and stays what it was."""

import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from certificates.delivery.encryption import encrypted
from crs.pdf import rendering
from tests.pages import text_of_pdf
from tests.programs import require

PASSWORD = "acdefhjkmnp"
WRONG = ("", "acdefhjkmnq", "ACDEFHJKMNP", "acdefhjkmnp ", "owner")


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A tagged paper."""
    html = '<html lang="cs"><head><title>Certifikát</title></head><body><h1>Jana Nováková</h1></body></html>'
    from crs.pdf.source import Source

    return rendering._typesetter.typeset(Source((html,), "", rendering.faces(), b"test", {}))


@pytest.fixture(scope="module")
def sealed(plain: bytes) -> bytes:
    return encrypted(plain, PASSWORD)


def test_it_opens_with_the_password_in_two_libraries(sealed: bytes) -> None:
    with pikepdf.open(BytesIO(sealed), password=PASSWORD) as document:
        assert document.encryption.R == 6
        assert document.encryption.bits == 256
        assert "/EncryptMetadata" not in document.trailer.Encrypt, "it is true unless it says false"
        assert document.user_password_matched
        assert not document.owner_password_matched
    assert "Jana Nováková" in text_of_pdf(sealed, password=PASSWORD)


@pytest.mark.parametrize("password", WRONG)
def test_it_opens_with_no_other_password_nor_without(sealed: bytes, password: str) -> None:
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(BytesIO(sealed), password=password)
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(sealed, password=password or None)


def test_nothing_of_it_can_be_read_in_the_file(sealed: bytes) -> None:
    readable = sealed.decode("latin-1")
    assert "Certifikát".encode("utf-16-be") not in sealed
    for word in ("Certifik", "Nov", "<rdf", "pdfuaid"):
        assert word not in readable


def test_tags_language_title_and_the_promise_of_accessibility_survive(plain: bytes, sealed: bytes) -> None:
    with pikepdf.open(BytesIO(plain)) as before, pikepdf.open(BytesIO(sealed), password=PASSWORD) as after:
        for document in (before, after):
            assert document.Root.MarkInfo.Marked
            assert str(document.Root.Lang).startswith("cs")
            assert len(document.Root.StructTreeRoot.K) > 0
            with document.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
                assert metadata["dc:title"] == "Certifikát"


def test_it_may_be_printed_and_read_aloud_and_not_changed(sealed: bytes) -> None:
    with pikepdf.open(BytesIO(sealed), password=PASSWORD) as document:
        allowed = document.allow
    assert (allowed.print_lowres, allowed.print_highres, allowed.accessibility, allowed.extract) == (True,) * 4
    changes = (allowed.modify_annotation, allowed.modify_assembly, allowed.modify_form, allowed.modify_other)
    assert changes == (False,) * 4


def test_two_copies_of_one_paper_have_nothing_in_common(plain: bytes, sealed: bytes) -> None:
    assert encrypted(plain, PASSWORD) != sealed


def test_its_syntax_has_no_fault(sealed: bytes) -> None:
    with pikepdf.open(BytesIO(sealed), password=PASSWORD) as document:
        assert document.check_pdf_syntax() == []


def test_poppler_reads_it_with_the_password_alone(sealed: bytes, tmp_path: Path) -> None:
    require("pdftotext", "poppler-utils")
    (tmp_path / "a.pdf").write_bytes(sealed)
    read = ["pdftotext", "-upw", PASSWORD, "a.pdf", "-"]
    assert "Nováková" in subprocess.run(read, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    without = ["pdftotext", "a.pdf", "-"]
    assert subprocess.run(without, cwd=tmp_path, check=False, capture_output=True).returncode != 0
