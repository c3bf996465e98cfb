"""`make run`: the whole of CRS on this machine, for first steps and a small pilot."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import psutil
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from crs import embedded
from crs.embedded.paths import LOCAL, ROOT
from crs.embedded.private import make_private, open_private
from crs.processes.listening import CannotListen, Place, free_place
from crs.processes.supervisor import Supervisor
from crs.secrets import secret
from crs.typed_numbers import whole_number

SUPERVISOR = "CRS_SUPERVISOR"
FIRST_MAIL_PORT = 2525


class Command(BaseCommand):
    help = "Prepare the database and run web, worker, beat and the receiver of e-mail until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--port", type=whole_number, default=os.environ.get("PORT") or "8000", help="the first to try"
        )

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        make_private()
        with open_private(LOCAL / "run_local.lock") as lock:
            _refuse_a_second_run(lock)
            _stop_what_a_killed_run_left()
            try:
                place, mail_port = free_place(host, port), free_place("127.0.0.1", FIRST_MAIL_PORT).port
            except CannotListen as error:
                raise CommandError(str(error)) from error
            lock.truncate(0)
            lock.write(place.url)
            lock.flush()
            self._prepare()
            self._greet(place.url, mail_port)
            _supervise(place, mail_port)

    def _prepare(self) -> None:
        self.stdout.write("Preparing translations, static files and the database …")
        call_command("compile_translations", verbosity=0)
        if _static_files_are_stale():
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_demo")

    def _greet(self, address: str, mail_port: int) -> None:
        password = secret("DEMO_PASSWORD") if settings.IS_LOCAL else "(yours)"
        self.stdout.write(
            f"""
  CRS is starting. Open it in a browser:

    portal        {address}/
    local inbox   {address}/inbox/   (every SMS and e-mail that would have been sent)
    staff         {address}/personal/   user admin, password {password}
                  the code after the password: make code
                  others, same password: vedouci, registrace, ockovani, sklad, kraj, distributor,
                  ministerstvo (their codes: make code USER=sklad)
    vaccination   {address}/ockovani/   a day in progress: log in as ockovani, registrace or vedouci
    help desks    {address}{reverse("support:desk")}   a morning of letters: log in as podpora1, podpora2, podpora3
                  (levels 1 to 3) or podpora (the lead)

  Write to a help desk from another terminal; the receipt comes to the local inbox:

    {_line_that_sends(mail_port)}

  It goes to the desk of the sites, {settings.SUPPORT_ADDRESSES["SITES"]}.
  The desk of line 1221 reads {settings.SUPPORT_ADDRESSES["LINE"]}.

  The day of the demonstration data is today; all from 12 years on are invited, so whoever
  registers gets PIN2 within a minute. Ctrl-C stops everything.

  This is for this machine only: a portal for people stands behind a proxy (README.md, 'Run it for real').
"""
        )


def _line_that_sends(mail_port: int) -> str:
    """A line for a shell that sends an e-mail to the desk of the sites with Python alone, each time another one."""
    desk = settings.SUPPORT_ADDRESSES["SITES"]
    letter = rf"From: Jana <jana@example.cz>\nTo: {desk}\nSubject: Lednice %s\n\nDobry den, lednice ma 12 stupnu."
    send = f"smtplib.SMTP('127.0.0.1', {mail_port}).sendmail('jana@example.cz', '{desk}', '{letter}' % time.ctime())"
    return f'python3 -c "import smtplib, time; {send}"'


def _static_files_are_stale() -> bool:
    """Whether a source of static files is newer than what was collected; compressing them takes seconds."""
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return True
    sources = [ROOT / "crs" / "settings.py", ROOT / "package-lock.json", ROOT / "requirements.lock"]
    sources += [path for folder in settings.STATICFILES_DIRS for path in folder.rglob("*")]
    return max(path.stat().st_mtime for path in sources) > manifest.stat().st_mtime


def _refuse_a_second_run(lock: IO[str]) -> None:
    try:
        # Not flock(): the supervisor's children inherit that one, and it would outlive a killed supervisor.
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise CommandError(f"CRS already runs from this folder: {lock.read() or 'it is just starting'}") from None


def _stop_what_a_killed_run_left() -> None:
    """End what runs of a supervisor that was killed before it could end them.

    Safe because we hold the lock of the one living supervisor of this folder.
    """
    left = list(_left_behind())
    for process in left:
        with suppress(psutil.NoSuchProcess):  # a web worker ends with its parent, perhaps before its turn here
            process.terminate()
    for process in psutil.wait_procs(left, timeout=5)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _left_behind() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get(SUPERVISOR) == str(ROOT):
                yield process
        except psutil.Error:  # somebody else's, or just gone
            continue


def _supervise(place: Place, mail_port: int) -> None:
    """Run the processes until somebody presses Ctrl-C, and start again what ends before."""
    environment = {**os.environ, SUPERVISOR: str(ROOT), "PUBLIC_URL": place.url, "PYTHONUNBUFFERED": "1"}
    if settings.IS_LOCAL:  # the address that was printed is answered, too
        environment.setdefault("ALLOWED_HOSTS", ",".join(dict.fromkeys([*settings.ALLOWED_HOSTS, place.name])))
    # Celery's twelve lines about running as root; on a newcomer's container there is nobody else.
    environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    Supervisor(
        _commands(place, mail_port),
        folder=ROOT,
        environment=environment,
        health={"web": f"{place.probe}/healthz"},
        look=_replace_dead_keeper,
    ).run()


def _replace_dead_keeper() -> str | None:
    with suppress(OSError):  # the machine has no process or file to give; the next look tries again
        if embedded.replace_dead_keeper():
            return "the keeper of PostgreSQL and Valkey was gone; it is started again"
    return None


def _commands(place: Place, mail_port: int) -> dict[str, list[str]]:
    python = sys.executable
    web = [python, "-m", "crs.web", "--host", place.number, "--port", str(place.port)]
    if settings.DEBUG:
        web = [python, "manage.py", "runserver", place.pair]
    celery = [python, "-m", "celery", "--quiet", "--app", "crs.celery"]
    worker = [*celery, "worker", "--pool", "threads", "--concurrency", "4", "--loglevel", "warning"]
    worker += ["--queues", "sms,email,registers,pdf,default", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(LOCAL / "beat-schedule"), "--pidfile", ""]
    # SMTP, which is spoken by whatever somebody tries it with.
    mail = [python, "manage.py", "receive_mail", "--listen", f"smtp://127.0.0.1:{mail_port}"]
    return {"web": web, "worker": worker, "beat": beat, "mail": mail}
