"""Every command that reads a file says in words what a wrong one is, and takes nothing of it."""

import argparse
import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands, load_command_class

pytestmark = pytest.mark.django_db

TABLE, JSON, EITHER = "table", "JSON", "either"
# What each command takes, beside the file; and the name that the file must have.
COMMANDS = {
    "import_sites": (TABLE, (), "a.csv"),
    "import_stock_distribution": (TABLE, (), "a.csv"),
    "import_stock_consumption": (TABLE, (), "a.csv"),
    "import_insured": (TABLE, (), "a.csv"),
    "import_health_workers": (TABLE, (), "a.csv"),
    "import_registrations": (TABLE, ("--yes",), "a.csv"),
    "generate_slots": (TABLE, ("--vaccine", "comirnaty", "--from-capacity"), "a.csv"),
    "backtest_wait": (TABLE, (), "reservation-capacity-2021-03.csv"),
    "replay_campaign": (TABLE, ("--yes", "--workers", "1"), "reservation-capacity-2021-03.csv"),
    "import_borders": (JSON, (), "a.json"),
    "import_value_sets": (JSON, (), "a.json"),
    "import_trust_list": (JSON, (), "a.json"),
    "import_revocations": (JSON, (), "a.json"),
    "verify_certificate": (EITHER, ("--file",), "a.txt"),
}
OF_A_FOLDER = {"backtest_wait", "replay_campaign", "import_value_sets"}
# They write files, or read keys, of which their own tests tell.
OTHERS = {"audit_sample", "certificate_keys", "export_open_data"}


def _workbook() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return data.getvalue()


PAGE = "<!DOCTYPE html><html><body>Přihlášení</body></html>"
# What each is, and how commands that read tables or JSON name it.
WRONG = {
    "an empty file": (b"", "is empty"),
    "a workbook": (_workbook(), "workbook of Excel"),
    "a page": (PAGE.encode(), "HTML"),
    "a page of Notepad": (PAGE.encode("utf-16"), "HTML"),
    "a packed page": (gzip.compress(PAGE.encode()), "HTML"),
    "a PDF": (b"%PDF-1.7\n\xe2\xe3", "is a PDF"),
    "another table": (b"a;b\r\n1;2\r\n", "no column"),
    "a file that ends too early": (gzip.compress(b"x" * 5000)[:-12], "ends too early"),
}


def _rows() -> dict[str, int]:
    tables = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    return {model._meta.label: model._default_manager.count() for model in tables}


@pytest.fixture
def rows_before() -> dict[str, int]:
    return _rows()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_file_is_named_and_nothing_of_it_is_taken(
    command: str, tmp_path: Path, rows_before: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    kind, arguments, name = COMMANDS[command]
    path = tmp_path / name
    for what, (data, words) in WRONG.items():
        path.write_bytes(data)
        with pytest.raises(CommandError) as refused:
            call_command(command, *arguments, str(tmp_path if command in OF_A_FOLDER else path))
        said = f"{refused.value} {capsys.readouterr().err}"
        if kind == TABLE or (kind == JSON and words != "no column"):
            assert words in said, what
        assert refused.value.returncode == 1
    path.unlink()
    with pytest.raises(CommandError):
        call_command(command, *arguments, str(path))
    assert _rows() == rows_before


def test_each_command_that_reads_a_file_is_asked() -> None:
    rooms = {path.parent.name for path in Path(settings.BASE_DIR).glob("*/apps.py")}
    ours = [name for name, app in get_commands().items() if app.partition(".")[0] in rooms]
    reading = {name for name in ours if any(_reads_files(action) for action in _actions(name))}
    assert reading - OTHERS <= COMMANDS.keys()


def _actions(name: str) -> Iterator[argparse.Action]:
    waiting: list[Any] = [load_command_class(get_commands()[name], name).create_parser("manage.py", name)]
    while waiting:
        for action in waiting.pop()._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()


def _reads_files(action: argparse.Action) -> bool:
    metavars: Sequence[str | None] = action.metavar if isinstance(action.metavar, tuple) else (action.metavar,)
    return action.type is Path or any("FILE" in (one or "") for one in metavars)
