"""Texts that other hands saved are read, or it is said what the file is; of tables the reader's tests tell."""

import gzip

import pytest

from crs import saved_files
from crs.saved_files import UnreadableFile

HTML = "<!DOCTYPE html>\n<html><body>Přihlaste se</body></html>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_json_is_read_however_it_was_saved(encoding: str) -> None:
    data = '{"místo": 1}'.encode(encoding)
    for saved in (data, gzip.compress(data)):
        assert saved_files.json_of(saved, "a.json", longest=1024**2) == '{"místo": 1}'
    with pytest.raises(UnreadableFile, match="HTML"):
        saved_files.json_of(HTML.encode(encoding), "a.json", longest=1024**2)


def test_what_is_packed_is_unpacked_to_a_bound() -> None:
    with pytest.raises(UnreadableFile, match="more than 1 MB"):
        saved_files.text_of(gzip.compress(b"a" * 2 * 1024**2), "a.json", longest=1024**2)
