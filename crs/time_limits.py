"""How long each kind of process waits for its servers (docs/adr/0015-sessions-and-limits.md)."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from psycopg import Connection, OperationalError
from psycopg._preparing import Key, Prepare, PrepareManager
from psycopg._queries import PostgresQuery
from psycopg.errors import _WaitTimeout


@dataclass(frozen=True)
class TimeLimits:
    """All in seconds; 0 leaves a limit of the database to the server's own setting."""

    # The database's own limits: one statement, the wait for one lock, a transaction in which nothing is asked.
    statement: float
    lock: float
    idle_in_transaction: float
    # A connection from the pool, while all are in use or the database is away.
    connection: float
    # One answer of the task queue, and one connection to it.
    queue: float

    def database_options(self) -> str:
        """Options that a new connection gives PostgreSQL; empty where the server's own settings count."""
        limits = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle_in_transaction,
        }
        return " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in limits.items() if seconds)


# A table that is locked must not hold all threads of the portal; only the second of two clicks has more patience, for
# the commit of the first (crs/sent_forms.py). Tasks may take longer. Commands (imports, migrations) take as long as
# they need, but do not stand in line for a lock for ever with everybody else behind them.
WEB = TimeLimits(statement=5, lock=1, idle_in_transaction=10, connection=3, queue=0.5)
WORKER = TimeLimits(statement=120, lock=30, idle_in_transaction=120, connection=10, queue=5)
COMMAND = TimeLimits(statement=0, lock=30, idle_in_transaction=600, connection=30, queue=5)

# Not an environment variable: `make run` is a command, and its children are not.
_of_this_process: TimeLimits | None = None


def begin(limits: TimeLimits) -> None:
    """Name the kind of this process; call it before settings are read.

    Only the first call counts, because every process imports `crs.celery`, which names WORKER.
    """
    global _of_this_process
    _of_this_process = _of_this_process or limits


def of_this_process() -> TimeLimits:
    """The limits that `begin` named; a command's where nobody said anything."""
    return _of_this_process or COMMAND


class _Prepared(PrepareManager):
    """Knows the statements that are prepared, and counts no others.

    The values of those stand in their text, so each is another one: counted, they would push out the ones that come
    again, and keep what people typed, and papers, in memory.
    """

    def maybe_add_to_cache(self, query: PostgresQuery, prep: Prepare, name: bytes) -> Key | None:
        return None if prep is Prepare.NO else super().maybe_add_to_cache(query, prep, name)


class PatientConnection(Connection[Any]):
    """A connection that ends when the server is silent for longer than any statement may take.

    PostgreSQL's own limits need a PostgreSQL that runs: one that is stopped, or lost behind the network, says nothing.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._prepared = _Prepared()

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """Wait for the server. Raises OperationalError after `DATABASE_SILENCE` seconds, and is closed then."""
        options.setdefault("timeout", settings.DATABASE_SILENCE)
        try:
            return super().wait(*arguments, **options)
        except _WaitTimeout as error:
            # An answer that came over it later would be taken for that to another question.
            self.pgconn.finish()
            raise OperationalError("The database is silent.") from error
