"""Debian's dovecot, which takes letters by LMTP and shows them by IMAP, as whoever runs the tests."""

import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote

from tests.crs.web.processes import write_certificate
from tests.stack import free_port
from tests.waiting import wait_until

# With all that a password may not hold in an address unless it is percent-encoded.
PASSWORD = "p@ss/wörd:1"

# Of both lines of versions: no service may change its root, which only root could.
_SERVICES = """
service imap-login {{
  chroot =
  inet_listener imap {{
    {listen} = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    {listen} = 127.0.0.1
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    {listen} = 127.0.0.1
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
_COMMON = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
protocols = imap lmtp
auth_mechanisms = plain login
first_valid_uid = 1
lmtp_hdr_delivery_address = original
ssl = yes
"""
_VERSION_2_3 = """
disable_plaintext_auth = no
mail_location = maildir:~/mail
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u allow_all_users=yes
}}
"""
_VERSION_2_4 = """
dovecot_config_version = {version}
dovecot_storage_version = {version}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/mail
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
passdb static {{
  password = "{{PLAIN}}{password}"
}}
userdb static {{
  allow_all_users = yes
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/home/%{{user}}
  }}
}}
"""


class Dovecot:
    """A dovecot of its own under the temporary directory, with a mailbox for each address that anybody names."""

    def __init__(self) -> None:
        # Not pytest's folder: its parents are closed to the user who owns the mailboxes when root runs the tests.
        self.folder = Path(tempfile.mkdtemp(prefix="crs-dovecot-"))
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        write_certificate(self.folder)
        self.certificate = self.folder / "fullchain.pem"
        self._write_configuration()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", self.folder / "dovecot.conf"], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
            stdout=(self.folder / "output.log").open("w"), start_new_session=True,
        )  # fmt: skip
        try:
            wait_until(self._answers, self._logs, seconds=30)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, user: str, *, scheme: str = "imap", more: str = "") -> str:
        """The address of a user's mailbox, as SUPPORT_MAILBOXES has it."""
        port = self.imaps if scheme == "imaps" else self.imap
        return f"{scheme}://{quote(user, safe='')}:{quote(PASSWORD, safe='')}@localhost:{port}/INBOX{more}"

    def deliver(self, letter: bytes, recipient: str, *, sender: str = "jana@example.cz") -> None:
        """Put a letter into a mailbox as a mail server does, by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            refused = client.sendmail(sender, [recipient], letter)
        assert not refused, refused

    def open(self, user: str) -> imaplib.IMAP4:
        """Somebody's mail program, with the inbox open."""
        client = imaplib.IMAP4("127.0.0.1", self.imap, timeout=20)
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        client.select("INBOX")
        return client

    def count(self, user: str, folder: str = "INBOX") -> int:
        """How many letters lie in a folder."""
        client = self.open(user)
        try:
            status, (number, *_) = client.select(folder, readonly=True)
            assert status == "OK", number
            return int(number or 0)
        finally:
            client.logout()

    def _write_configuration(self) -> None:
        is_root = os.geteuid() == 0
        me, my_group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        # Root's own mailboxes are refused by dovecot; the package brings users for it.
        internal, login = ("dovecot", "dovenull") if is_root else (me, me)
        group = grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name if is_root else my_group
        for part in ("run", "state", "home"):
            (self.folder / part).mkdir()
        if is_root:
            self.folder.chmod(0o755)
            shutil.chown(self.folder / "home", internal, group)
        said = subprocess.run(["dovecot", "--version"], capture_output=True, text=True, check=True).stdout
        # Debian writes 2.3.19.1 and 2.4.1-4; a configuration names three numbers.
        version = re.match(r"(\d+)\.(\d+)\.\d+", said)
        assert version, said
        values = {
            "folder": self.folder,
            "certificate": self.certificate,
            "key": self.folder / "privkey.pem",
            "password": PASSWORD,
            "internal": internal,
            "internal_group": group,
            "login": login,
            "user": internal,
            "group": group,
            "imap": self.imap,
            "imaps": self.imaps,
            "lmtp": self.lmtp,
        }
        if (int(version[1]), int(version[2])) < (2, 4):
            text = _COMMON + _VERSION_2_3 + _SERVICES
            values["listen"] = "address"
        else:
            # Its first two lines are the versions whose defaults count.
            text = _VERSION_2_4 + _COMMON + _SERVICES
            values |= {"listen": "listen", "version": version[0]}
        (self.folder / "dovecot.conf").write_text(text.format(**values))

    def _answers(self) -> bool:
        assert self.process.poll() is None, self._logs()
        for port in (self.imap, self.lmtp):
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
                    if not client.recv(1):
                        return False
            except OSError:
                return False
        return True

    def _logs(self) -> str:
        return "\n".join(file.read_text() for file in self.folder.glob("*.log"))
