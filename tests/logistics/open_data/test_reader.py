"""Tables that other hands saved are read, or it is said in words what the file is."""

import gzip
import io
import os
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crs.csv_download import Code, written
from crs.saved_files import UnreadableFile
from logistics.open_data import reader
from logistics.open_data.reader import FileLine, Problem

COLUMNS = frozenset({"nazev", "pocet"})
TEXT = "nazev,pocet\r\nŽižkov,12\r\nVýškov nad Šárkou,3\r\n"
ROWS = [{"nazev": "Žižkov", "pocet": "12"}, {"nazev": "Výškov nad Šárkou", "pocet": "3"}]
Read = Callable[..., list[FileLine | Problem]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def of(data: bytes, name: str = "table.csv") -> list[FileLine | Problem]:
        path = tmp_path / name
        path.write_bytes(data)
        return list(reader.read(path, COLUMNS))

    return of


def _values(lines: list[FileLine | Problem]) -> list[object]:
    return [line.values if isinstance(line, FileLine) else line.reason for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\r\n", "\n"),
        TEXT.replace("\r\n", "\r"),
        TEXT.rstrip(),
        TEXT + "\r\n\r\n",
        TEXT + ",\r\n,\r\n",
        TEXT.replace(",", ";"),
        TEXT.replace(",", "\t"),
        TEXT.replace(",", "|"),
        TEXT.replace("\r\n", ",,,\r\n"),
        "sep=;\r\n" + TEXT.replace(",", ";"),
        "\r\n;;\r\n" + TEXT.replace(",", ";"),
        TEXT.replace("nazev,pocet", "Nazev , POCET"),
        TEXT.replace("nazev,pocet", '"nazev","pocet"').replace("Žižkov", '"Žižkov"'),
        TEXT.replace("Výškov nad", "  Výškov\u00a0 nad"),
        "pocet;jiny;nazev\r\n12;x;Žižkov\r\n3;;Výškov nad Šárkou\r\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_is_read_however_it_was_saved(read: Read, text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert _values(read(data)) == ROWS
    assert _values(read(gzip.compress(data), "table.csv")) == ROWS


@pytest.mark.parametrize("name", ["a.csv.gz", "a.CSV.GZ", "a.Gz", "a.csv", "a"])
def test_packed_or_not_is_asked_of_the_file_and_not_of_its_name(read: Read, name: str) -> None:
    assert _values(read(gzip.compress(TEXT.encode()), name)) == ROWS
    assert _values(read(TEXT.encode(), name)) == ROWS


def test_a_table_that_comes_through_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(TEXT.encode("cp1250"),), daemon=True)
    writer.start()
    assert _values(list(reader.read(pipe, COLUMNS))) == ROWS
    writer.join()


def _workbook(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return data.getvalue()


HTML = "<!DOCTYPE html>\n<html><body>Přihlaste se</body></html>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        ("\ufeff".encode("utf-16"), "is empty"),
        (_workbook("[Content_Types].xml", "xl/workbook.xml"), "workbook of Excel"),
        (_workbook("table.csv"), "archive (ZIP): unpack it first"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, "old Excel"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "is a picture"),
        (b"BZh91AY&SY", "bzip2"),
        (HTML.encode(), "page of the web (HTML)"),
        (HTML.encode("utf-16"), "page of the web (HTML)"),
        (b"\xef\xbb\xbf\n <html>", "page of the web (HTML)"),
        (b"<?xml version='1.0'?><rows/>", "is XML"),
        (b'[{"nazev": "Tabor"}]', "is JSON"),
        (b"\x00\x01\x02\x03" * 100, "file of a program"),
        (TEXT.encode()[:4] + b"\n1,2\n", "no column nazev, pocet"),
        (b"nazev,pocet,Nazev\n1,2,3\n", "more than one column nazev"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-9], "cannot be read: it ends too early"),
        (gzip.compress(TEXT.encode(), mtime=0)[:-8] + bytes(8), "cannot be read: it is damaged"),
    ],
)
def test_what_is_no_table_is_named_in_words(read: Read, data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=r"table\.csv") as refused:
        read(data)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(UnreadableFile, match="cannot be read"):
            list(reader.read(path, COLUMNS))


def test_a_byte_that_is_no_text_spoils_its_own_line_alone(read: Read) -> None:
    found = _values(read(TEXT.encode() + b"T\xffbor,5\r\n" + "Tábor,6\r\n".encode()))
    assert found == [*ROWS, "it holds characters that are no text", {"nazev": "Tábor", "pocet": "6"}]


def test_lines_are_counted_as_an_editor_counts_them(read: Read) -> None:
    lines = read(b"sep=,\n\nnazev,pocet\nTabor,1\n\nBrno\n")
    assert [(line.number if isinstance(line, FileLine) else line.line) for line in lines] == [4, 6]


def test_a_number_that_a_spreadsheet_would_change_comes_in_as_it_went_out(read: Read) -> None:
    codes = ("22E1", "10-12", "00123", "=1+1", "-5", "1/2", "MAR27", "'x", "'=1", "123456789012", "TRUE", "(5)", "%5")
    text = "nazev;pocet\r\n" + "".join(f"{written(Code(code))};1\r\n" for code in codes)
    assert all(written(Code(code)) == f"'{code}" for code in codes)
    assert [line.values["nazev"] for line in read(text.encode()) if isinstance(line, FileLine)] == [*codes]


@given(data=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_are_refused(read: Read, data: bytes) -> None:
    for whole in (data, b"nazev;pocet\n" + data, gzip.compress(data)):
        try:
            found = read(whole)
        except UnreadableFile:
            continue
        assert all(isinstance(line, FileLine | Problem) for line in found)
