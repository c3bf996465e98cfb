"""Commands speak one language to those who run CRS: one summary, one list of problems, one meaning of the exit code."""

import inspect
import json
import os
import re
import subprocess
import sys
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.utils.translation import gettext

from crs import commands
from crs.commands import OperationsCommand, read_file
from crs.errors import DomainError

# It supervises until Ctrl-C, so it has no summary.
WITHOUT_HELPER = {"run_local"}
# Its one line is what it was asked for.
WITHOUT_SUMMARY = {"staff_code"}


class _Work(OperationsCommand):
    """A command that does what a test hands it."""

    help = "Does what a test wants."

    def __init__(self, work: Any, **options: Any) -> None:
        super().__init__(**options)
        self.work = work

    def add_arguments(self, parser: Any) -> None:
        self.add_dry_run(parser)

    def run(self, *args: Any, **options: Any) -> None:
        self.work(self)


class _Terminal(StringIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


def run(work: Any, *options: str, err: StringIO | None = None) -> tuple[str, str]:
    """What it said on stdout and on stderr; a failure stands as the last line there, as `manage.py` prints it."""
    out, err = StringIO(), err or StringIO()
    try:
        call_command(_Work(work), *options, stdout=out, stderr=err)
    except CommandError as error:
        err.write(f"CommandError: {error}\n")
    return out.getvalue(), err.getvalue()


def busy(command: OperationsCommand) -> None:
    """Use everything that a command can say, with 25 problems."""
    command.progress("rows read", 1_234, 5_678)
    command.list_problems([f"line {number}" for number in range(25)])
    command.table(("read", "taken"), {"Comirnaty, doses": (5_813_202, 7), "Moderna": ("none", "+1,000")})
    command.summarise({"rows": 19_746, "first day": "2027-01-15"})


def fail(command: OperationsCommand) -> None:
    """Find 25 faults."""
    command.list_problems([f"fault {number}" for number in range(25)], is_failure=True)
    command.summarise({"faults": 25}, outcome="all is well", failure="25 faults.")


def test_ctrl_c_ends_a_command_with_one_line() -> None:
    def stopped(command: OperationsCommand) -> None:
        raise KeyboardInterrupt

    with pytest.raises(CommandError, match="Stopped") as ended:
        call_command(_Work(stopped))
    assert ended.value.returncode == 130


def test_a_reader_that_has_read_enough_is_no_failure_with_a_traceback() -> None:
    # One catalog: it ends with the summary that all commands end with.
    command = [sys.executable, "manage.py", "update_translations", "--check", "--room", "crs", "--language", "vi"]
    # Python writes to a pipe when its buffer is full or it ends, unless a developer's shell says otherwise.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as `| head -0`
        assert process.stderr.read() == b""
    assert process.returncode == 141


def refuse(error: BaseException, _command: OperationsCommand) -> None:
    """End by an error that is told in one line."""
    raise error


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (fail, "25 faults"),
        (partial(refuse, DomainError()), "This cannot be done"),
        (partial(refuse, OperationalError("connection refused\n")), "connection refused"),
        (partial(refuse, KeyboardInterrupt()), "Stopped"),
    ],
    ids=["failure", "refusal", "database", "Ctrl-C"],
)
def test_a_failure_stays_one_though_its_reader_has_read_enough(
    monkeypatch: pytest.MonkeyPatch, work: Any, words: str
) -> None:
    class Gone(StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    let_go: list[bool] = []
    monkeypatch.setattr(commands, "_let_go_of_the_reader", lambda: let_go.append(True))
    with pytest.raises(CommandError, match=words):
        call_command(_Work(work), stdout=Gone(), stderr=StringIO())
    assert let_go == [True]


def test_the_summary_has_one_shape_and_figures_are_grouped() -> None:
    out, _err = run(busy)
    assert re.sub(r"\(\d+\.\d s\)", "(… s)", out) == (
        "                         read   taken\n"
        "  Comirnaty, doses  5,813,202       7\n"
        "  Moderna                none  +1,000\n"
        "work: done (… s)\n"
        "  rows           19,746\n"
        "  first day  2027-01-15\n"
    ).replace("work:", f"{__name__.rpartition('.')[2]}:")


def test_verbosity_0_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SECONDS_BETWEEN_PROGRESS", 0)
    assert run(busy, "--verbosity", "0") == ("", "")
    assert run(busy, "--verbosity", "0", "--dry-run", err=_Terminal()) == ("", "")


def test_verbosity_0_says_why_it_fails() -> None:
    out, err = run(fail, "--verbosity", "0")
    assert out == ""
    assert err.splitlines()[0] == "fault 0"
    assert err.endswith("CommandError: 25 faults.\n")


def test_a_failure_has_its_summary_too_and_never_says_that_all_is_well() -> None:
    out, err = run(fail)
    assert ": failed (" in out
    assert "  faults  25\n" in out
    assert "all is well" not in out
    assert err.endswith("CommandError: 25 faults.\n")


def test_the_first_problems_are_listed_and_all_of_them_at_verbosity_2() -> None:
    few = run(busy)[1].splitlines()
    assert few == [*(f"line {number}" for number in range(20)), "… and 5 more like these; --verbosity 2 lists all."]
    assert run(busy, "--verbosity", "2")[1].splitlines() == [f"line {number}" for number in range(25)]


def test_a_dry_run_says_so_whatever_the_command_calls_its_success() -> None:
    out, _err = run(lambda command: command.summarise({}, outcome="all is well"), "--dry-run")
    assert ": dry run, nothing is written (" in out
    assert "all is well" not in out


def test_progress_is_for_a_terminal_and_for_verbosity_2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SECONDS_BETWEEN_PROGRESS", 0)
    line = "rows read: 1,234 of 5,678\n"
    assert line not in run(busy)[1]
    assert line in run(busy, err=_Terminal())[1]
    assert line in run(busy, "--verbosity", "2")[1]


def test_progress_comes_once_a_second_and_not_for_short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("crs.commands.time.monotonic", lambda: now[0])

    def work(command: OperationsCommand) -> None:
        for step in range(30):  # a tenth of a second each
            now[0] = 100 + step / 10
            command.progress("rows", step)

    assert run(work, "--verbosity", "2")[1] == "rows: 10\nrows: 20\n"


def test_it_is_english_whatever_the_portal_speaks() -> None:
    assert gettext("Central Reservation System") == "Centrální rezervační systém"
    out, _err = run(lambda command: command.summarise({gettext("Central Reservation System"): 1}))
    assert "Central Reservation System" in out


@pytest.mark.parametrize("error", [DomainError(), OperationalError("connection refused\n")])
def test_a_refusal_is_one_line_and_no_traceback(error: Exception) -> None:
    def work(command: OperationsCommand) -> None:
        raise error

    _out, err = run(work)
    assert err.startswith("CommandError: ")
    assert len(err.splitlines()) == 1


EXIT_CODES = [
    (["compile_translations", "--help"], 0),
    (["update_translations", "--room", "nowhere"], 1),
    (["update_translations", "--nothing"], 2),
]
# Each is run as Python runs `manage.py`, in one process: to start CRS takes a second, to ask for a code nothing.
RUN_EACH = """
import json, runpy, sys
codes = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["manage.py", *arguments]
    try:
        runpy.run_path("manage.py", run_name="__main__")
        codes.append(0)
    except SystemExit as end:
        codes.append(end.code)
print("codes", json.dumps(codes))
"""


@pytest.fixture(scope="module")
def exit_codes() -> list[Any]:
    """What `manage.py` with each of the arguments ends with."""
    asked = json.dumps([arguments for arguments, _code in EXIT_CODES])
    command = [sys.executable, "-c", RUN_EACH, asked]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    codes: list[Any] = json.loads(done.stdout.rpartition("codes ")[2])
    return codes


@pytest.mark.parametrize(("arguments", "code"), EXIT_CODES)
def test_the_exit_code_tells_done_failed_and_wrong_options_apart(
    exit_codes: list[Any], arguments: list[str], code: int
) -> None:
    assert exit_codes[EXIT_CODES.index((arguments, code))] == code


@pytest.mark.django_db
def test_a_database_that_is_not_migrated_is_named() -> None:
    def work(command: OperationsCommand, sql: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    for sql in ("SELECT 1 FROM nothing", "SELECT nothing FROM django_migrations"):
        assert "This database is not migrated" in run(partial(work, sql=sql))[1]
    with pytest.raises(ProgrammingError):  # a fault of ours keeps its traceback
        run(partial(work, sql="SELEC 1"))


@pytest.mark.django_db
def test_an_unknown_login_is_refused_in_a_dry_run_too(admin_user: User) -> None:
    class Recorded(_Work):
        def add_arguments(self, parser: Any) -> None:
            super().add_arguments(parser)
            self.add_by(parser)

        def run(self, *args: Any, **options: Any) -> None:
            self.work(options["by"])

    given: list[User | None] = []
    for options in ((), ("--by", admin_user.username)):
        call_command(Recorded(given.append), *options)
    assert given == [None, admin_user]
    with pytest.raises(CommandError, match="nobody is no login of staff"):
        call_command(Recorded(given.append), "--by", "nobody", "--dry-run")


def test_a_file_is_read_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(1024 * 1024))
    assert read_file(path, 1024 * 1024) == bytes(1024 * 1024)
    path.write_bytes(bytes(1024 * 1024 + 1))
    with pytest.raises(CommandError, match="file is larger than 1 MB"):
        read_file(path, 1024 * 1024)
    with pytest.raises(CommandError, match="nothing cannot be read: No such file"):
        read_file(tmp_path / "nothing", 1024 * 1024)


def test_ctrl_d_at_a_question_is_an_answer_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal())  # whose input ends at once
    _out, err = run(lambda command: command.confirm("For good? "))
    assert err == "CommandError: Nothing was done: the answer was another one.\n"


def test_ctrl_c_while_python_starts_is_one_line() -> None:
    program = """
class Stopping:
    def find_spec(self, name, *rest):
        if name.startswith("crs"):
            raise KeyboardInterrupt
import sys, runpy
sys.meta_path.insert(0, Stopping())
runpy.run_path("manage.py", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "Stopped before it began.\n")


# --- every command of ours ----------------------------------------------------------------------------


def our_commands() -> dict[str, BaseCommand]:
    """The commands that stand in this project, by name."""
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).is_relative_to(settings.BASE_DIR)}
    ours = {name for name in ours if ".venv" not in Path(apps.get_app_config(name.rpartition(".")[2]).path).parts}
    return {name: load_command_class(app, name) for name, app in get_commands().items() if app in ours}


def faults(name: str, command: BaseCommand) -> list[str]:
    """What keeps a command from being one that others can run and understand."""
    module = inspect.getmodule(type(command))
    found = [] if module and module.__doc__ else ["its module has no docstring"]
    found += [] if command.help and command.help.endswith(".") else ["its help is no sentence"]
    parser = command.create_parser("manage.py", name)
    found += [f"{action.dest} has no help" for action in parser._actions if not action.help]
    if name in WITHOUT_HELPER:
        return found
    if not isinstance(command, OperationsCommand):
        return [*found, "it does not go through crs/commands.py"]
    source = "".join(
        inspect.getsource(base) for base in type(command).__mro__[: type(command).__mro__.index(OperationsCommand)]
    )
    if name not in WITHOUT_SUMMARY and ("self.summarise(" not in source or "self.stdout" in source):
        found.append("it prints in a way of its own")
    return found


def test_every_command_of_ours_has_help_and_speaks_through_the_helper() -> None:
    ours = our_commands()
    assert {"check_ledger", "compile_translations", "generate_slots", "import_sites", "run_local"} <= ours.keys()
    assert {name: found for name, command in ours.items() if (found := faults(name, command))} == {}


def test_a_command_that_goes_its_own_way_is_found() -> None:
    class Own(BaseCommand):
        def handle(self, *args: Any, **options: Any) -> None:
            self.stdout.write("done")

    assert faults("own", Own()) == ["its help is no sentence", "it does not go through crs/commands.py"]
    assert faults("work", _Work(busy)) == ["it prints in a way of its own"]


def test_the_manual_of_operations_tells_of_every_command() -> None:
    manual = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    assert [name for name in our_commands() if f"`{name}" not in manual] == []


def test_signs_that_nobody_sees_are_no_part_of_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    command = _Work(lambda self: seen.append(self.is_dry_run))
    command.run_from_argv(["manage.py", "work", "\u200b--dry-run\u202c"])
    assert seen == [True]
