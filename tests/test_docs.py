"""The documents name files, folders and tests that exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
# `crs/tries.py`, `docs/adr/`, `tests/crs/test_tries.py::test_name`; what begins with a slash is an address.
PATH = re.compile(r"`([\w.][\w./-]*)(?:::(\w+))?`")
# Written by whoever follows the instructions: one for each app, room or message.
PLACEHOLDERS = {"APP", "ROOM", "NAME"}


def _named(document: Path) -> Iterator[tuple[str, str]]:
    """The paths in backticks that begin at the root of the project, with the test named behind them."""
    for path, test in PATH.findall(document.read_text()):
        parts = path.split("/")
        is_ours = "/" in path and (ROOT / parts[0]).is_dir() and not parts[0].startswith(".")
        if is_ours and not any(part.split(".")[0] in PLACEHOLDERS for part in parts):
            yield path, test


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_path_in_a_document_exists(document: Path) -> None:
    missing = [
        f"{path}::{test}" if test else path
        for path, test in _named(document)
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    ]
    assert not missing


def test_paths_are_found_and_placeholders_are_not(tmp_path: Path) -> None:
    document = tmp_path / "x.md"
    document.write_text("`crs/no.py`, `tests/test_docs.py::test_x`, `templates/APP/`, `/healthz`, `60/h`, `.local/x`")
    assert list(_named(document)) == [("crs/no.py", ""), ("tests/test_docs.py", "test_x")]
