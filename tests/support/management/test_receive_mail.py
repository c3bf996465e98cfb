"""`manage.py receive_mail`: a process of its own, ended as operators end it."""

import os
import re
import signal
import socket
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from crs.embedded.paths import ROOT
from support.models import Letter
from tests.support.mail_in.letters import SITES
from tests.support.mail_in.receiver import came, deliver, letter


@pytest.mark.django_db(transaction=True)
def test_it_says_where_it_listens_takes_letters_and_ends_in_order() -> None:
    environment = {
        **os.environ,
        "EMBEDDED_DATABASE": str(connection.settings_dict["NAME"]),
        "SITES_DESK_ADDRESS": SITES,
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    with subprocess.Popen(
        [sys.executable, "manage.py", "receive_mail", "--listen", "smtp://127.0.0.1:0"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"receive_mail: listening on smtp://127\.0\.0\.1:(\d+)\n", line)
            assert found, line
            assert deliver(int(found[1]), letter()) == {}
            process.send_signal(signal.SIGTERM)
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, "")
    assert re.match(r"receive_mail: stopped \([0-9.]+ s\)\n  taken +1\n  refused +0\n", output)
    assert came().get().state == Letter.State.FILED


@pytest.mark.parametrize(
    ("listen", "words"), [("127.0.0.1", "no address to listen on"), ("smtp://256.1.1.1:0", "Nothing can")]
)
def test_an_address_that_is_none_is_refused(listen: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("receive_mail", "--listen", listen)


def test_a_port_that_somebody_has_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"lmtp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CommandError, match=f"Nothing can listen on {url}"):
            call_command("receive_mail", "--listen", url)
