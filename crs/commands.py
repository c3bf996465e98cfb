"""How a command speaks to those who run CRS: in English, with one shape of summary, problems, progress and exit code.

`--verbosity` means 0: nothing unless the command fails; 1: the summary, the first problems, and on a terminal the
progress; 2: every problem, and the progress into a file, too. docs/operations.md shows each command's output.
"""

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, ProgrammingError, transaction
from django.db.models import BigIntegerField
from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from psycopg.errors import UndefinedColumn, UndefinedTable

from crs.errors import DomainError
from crs.typed import without_marks
from crs.typed_numbers import whole_number

PROBLEMS_LISTED = 20
# As a shell counts programs that end by SIGINT and SIGPIPE.
STOPPED, NOBODY_READS = 130, 141
SECONDS_BETWEEN_PROGRESS = 1.0
LARGEST_NUMBER = BigIntegerField.MAX_BIGINT  # of a row, and of rows to take
Figure = int | str


def at_least_one(text: str) -> int:
    """The type of options and arguments that count or name rows."""
    try:
        number = whole_number(text)
    except ValueError:
        number = 0
    if not 1 <= number <= LARGEST_NUMBER:
        raise ArgumentTypeError(f"{text[:40]!r} is not a whole number, 1 or more")
    return number


def moment(text: str) -> datetime:
    """The type of options that name a moment: ISO 8601, without a zone as in Prague."""
    try:
        read = parse_datetime(text)
    except ValueError:
        read = None
    if read is None:
        raise ArgumentTypeError(f"{text[:40]!r} is no time such as 2027-02-01T06:00")
    return read if timezone.is_aware(read) else timezone.make_aware(read)


def read_file(path: Path, longest: int) -> bytes:
    """What a file holds, up to `longest` bytes, which are whole megabytes. Raises CommandError."""
    try:
        with path.open("rb") as file:
            data = file.read(longest + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > longest:
        raise CommandError(f"{path} is larger than {longest // 1024 // 1024} MB.")
    return data


class OperationsCommand(BaseCommand):
    """The base of our commands. They exit 0 when done and 1 when they fail; 2 is argparse's for options of no use.

    A `DomainError`, a database that refuses or lacks our tables, and Ctrl-C end a command in one line, no traceback.
    """

    verbosity = 1
    is_dry_run = False
    _began = _progress_told = 0.0

    def run_from_argv(self, argv: list[str]) -> None:
        """Run what was typed, or copied from a page with signs that nobody sees."""
        super().run_from_argv([without_marks(one) for one in argv])

    @property
    def name(self) -> str:
        """What people type after `manage.py`."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self._began

    def run(self, *args: Any, **options: Any) -> None:
        """Do the work and end with `summarise`; the options come by name."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Call `run`, in English. Raises CommandError for what it refuses."""
        self.verbosity = options["verbosity"]
        self.is_dry_run = options.get("dry_run", False)
        self._began = self._progress_told = time.monotonic()
        # Labels of models come along in the output, and the portal's own language is Czech.
        with translation.override("en"):
            try:
                try:
                    if options.get("by") is not None:
                        options["by"] = _staff(options["by"])
                    self.run(*args, **options)
                    self.stdout.flush()
                except DomainError as error:
                    raise CommandError(str(error)) from error
                except OperationalError as error:
                    raise CommandError(f"The database refuses: {str(error).strip()}") from error
                except ProgrammingError as error:
                    if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
                        raise
                    raise CommandError("This database is not migrated: run `manage.py migrate` first.") from error
                except KeyboardInterrupt as stop:
                    words = "Stopped before it was done; it can be started again."
                    raise CommandError(words, returncode=STOPPED) from stop
            except CommandError:
                self._flush_what_is_read()
                raise
            except BrokenPipeError:
                _let_go_of_the_reader()
                sys.exit(NOBODY_READS)

    def _flush_what_is_read(self) -> None:
        """Write out what a failure leaves unwritten: it stays a failure when `| head` has read enough."""
        try:
            self.stdout.flush()
        except BrokenPipeError:
            _let_go_of_the_reader()

    @contextmanager
    def changes(self) -> Iterator[None]:
        """A transaction, which a dry run takes back when all is done and checked."""
        with transaction.atomic():
            yield
            if self.is_dry_run:
                transaction.set_rollback(True)

    @staticmethod
    def add_dry_run(parser: ArgumentParser) -> None:
        """Add the option `--dry-run`; the command reads it as `self.is_dry_run`, and the summary says it."""
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    @staticmethod
    def add_by(parser: ArgumentParser) -> None:
        """Add the option `--by`; `run` gets the user, or None. An unknown login is refused in a dry run, too."""
        parser.add_argument("--by", metavar="LOGIN", help="the login of who decided it, for the history")

    def confirm(self, question: str, *, answer: str = "yes") -> None:
        """Ask whoever sits at the terminal. Raises CommandError where nobody does, or where another answer is given."""
        if not sys.stdin.isatty():
            raise CommandError("Nobody is here to be asked, so nothing was done; add --yes.")
        try:
            given = input(question)
        except EOFError:
            given = ""
            self.stdout.write()  # Ctrl-D leaves the cursor behind the question
        if given.strip().lower() != answer.lower():
            raise CommandError("Nothing was done: the answer was another one.")

    def progress(self, what: str, done: int, of: int | None = None) -> None:
        """Say on stderr how far the work is, at most once a second; work of less than a second says nothing."""
        is_wanted = self.verbosity >= 2 or (self.verbosity == 1 and self.stderr.isatty())
        if not is_wanted or time.monotonic() - self._progress_told < SECONDS_BETWEEN_PROGRESS:
            return
        self._progress_told = time.monotonic()
        self.stderr.write(f"{what}: {done:,}" + ("" if of is None else f" of {of:,}"), str)

    def list_problems(self, problems: Sequence[object], *, is_failure: bool = False) -> None:
        """List problems of one kind on stderr, the first of them or all; `is_failure`: the command fails for them."""
        if self.verbosity == 0 and not is_failure:
            return
        listed = problems if self.verbosity >= 2 else problems[:PROBLEMS_LISTED]
        for problem in listed:
            self.stderr.write(str(problem))
        if len(listed) < len(problems):
            self.stderr.write(f"… and {len(problems) - len(listed):,} more like these; --verbosity 2 lists all.")

    def hand_out(self, text: str) -> None:
        """Write what the command was asked for, as it is and at once: at every verbosity."""
        self.stdout.write(text)
        self.stdout.flush()

    def table(self, heads: Sequence[str], rows: Mapping[str, Sequence[Figure]], *, left_out: int = 0) -> None:
        """Write a table of what the summary only sums up: a label and one figure under each of `heads`.

        `left_out` says of how many more it could tell.
        """
        if self.verbosity == 0 or not rows:
            return
        lines = {label: [_shown(figure) for figure in figures] for label, figures in rows.items()}
        widths = [max(map(len, column)) for column in zip(heads, *lines.values(), strict=True)]
        for label, figures in {"": heads, **lines}.items():
            columns = "".join(f"  {figure:>{width}}" for figure, width in zip(figures, widths, strict=True))
            self.stdout.write(f"  {label:<{max(map(len, lines))}}{columns}")
        if left_out:
            self.stdout.write(f"  … and {left_out:,} more")

    def summarise(self, figures: Mapping[str, Figure], *, outcome: str = "done", failure: str = "") -> None:
        """Write the summary. Raises CommandError with `failure` after it, where there is one."""
        if self.verbosity > 0:
            if self.is_dry_run:
                outcome = "dry run, nothing is written"
            self.stdout.write(f"{self.name}: {'failed' if failure else outcome} ({self.seconds:.1f} s)")
            shown = {label: _shown(figure) for label, figure in figures.items()}
            label_width, width = max(map(len, shown), default=0), max(map(len, shown.values()), default=0)
            for label, figure in shown.items():
                self.stdout.write(f"  {label:<{label_width}}  {figure:>{width}}")
        if failure:
            raise CommandError(failure)


def _staff(login: str) -> User:
    user = User.objects.filter(username=login, is_active=True).first()
    if user is None:
        raise CommandError(f"{login} is no login of staff.")
    return user


def _let_go_of_the_reader() -> None:
    """Let `| head` have read enough; Python would complain at its end of what it still holds for that reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _shown(figure: Figure) -> str:
    """Thousands are parted by a comma, which spreadsheets read when it is pasted."""
    return figure if isinstance(figure, str) else f"{figure:,}"
