"""The processes of these tests: the web server, and Debian's nginx with our configuration."""

import datetime
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

from crs.embedded.paths import ROOT
from tests.crs.web.slow_clients import trusting
from tests.stack import free_port, wait_until_answers

SHIPPED = ROOT / "deploy" / "nginx"
SECONDS_OF_PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: http.client.HTTPMessage
    body: str
    seconds: float


class Web:
    """`python -m crs.web` on a database that is there already."""

    def __init__(self, folder: Path, *, database: str, prefix: str, **environment: str) -> None:
        self.port = free_port()
        self.log = folder / "web.log"
        self.environment = {
            **os.environ,
            "EMBEDDED_DATABASE": database,
            "CACHE_PREFIX": prefix,
            "TRUSTED_PROXIES": "1",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)

    def __enter__(self) -> Self:
        with self.log.open("w") as log:
            command = [sys.executable, "-m", "crs.web", "--port", str(self.port)]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        wait_until_answers(f"http://127.0.0.1:{self.port}/healthz")
        return self

    def __exit__(self, *raised: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Stop every process as a hanging machine would: connections are taken and never answered."""
        everyone = self._processes()
        for process in everyone:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in everyone:
                process.send_signal(signal.SIGCONT)

    def ports_of_clients(self) -> set[int]:
        """The far ends of all connections that it holds, those included that their clients have closed."""
        lines = [line for process in self._processes() for line in process.net_connections("tcp")]
        return {line.raddr.port for line in lines if line.raddr}

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def get(self, path: str) -> Answer:
        """GET `path` without the proxy."""
        return ask(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_OF_PATIENCE), "GET", path)


class Proxy:
    """nginx with the shipped configuration; only ports, paths, the upstream and two limits are this test's.

    One that `believes_addresses` takes the header X-Test-Address for the client's address.
    """

    def __init__(
        self,
        folder: Path,
        *,
        upstream: int,
        seconds_to_answer: int = 30,
        requests_of_a_site: int = 4000,
        believes_addresses: bool = False,
    ) -> None:
        self.folder = folder
        self.requests_of_a_site = requests_of_a_site
        self.port = free_port()
        self.plain_port = free_port()
        self.access_log = folder / "access.log"
        for name in ("web.conf", "file-headers.conf", "allowed-networks.conf"):
            shutil.copy(SHIPPED / name, folder)
        _replace(folder / "web.conf", {"read_timeout 30s;": f"read_timeout {seconds_to_answer}s;"})
        shutil.copy(SHIPPED / "nginx.conf", folder)
        _replace(folder / "nginx.conf", self._places(upstream))
        if believes_addresses:
            believing = "http {\n    set_real_ip_from 127.0.0.1;\n    real_ip_header X-Test-Address;\n"
            _replace(folder / "nginx.conf", {"http {\n": believing})
        write_certificate(folder)

    def _places(self, upstream: int) -> dict[str, str]:
        return {
            # In this order: what follows puts folders of this machine into the text.
            "8443": str(self.port),
            "8080": str(self.plain_port),
            " /tmp/": f" {self.folder}/",
            "/etc/nginx/web.conf": f"{self.folder}/web.conf",
            "/etc/nginx/file-headers.conf": f"{self.folder}/file-headers.conf",
            "/etc/nginx/allowed-networks.conf": f"{self.folder}/allowed-networks.conf",
            "/etc/nginx/tls/": f"{self.folder}/",
            "/srv/static/": f"{settings.STATIC_ROOT}/",
            "/srv/pages/": f"{SHIPPED}/pages/",
            "/dev/stdout": str(self.access_log),
            "error_log stderr": f"error_log {self.folder}/error.log",
            "server web:8000 resolve": f"server 127.0.0.1:{upstream}",  # Debian 12's nginx cannot look again
            "    resolver 127.0.0.11 valid=10s ipv6=off;\n": "",
            # Nor does it know this directive.
            "        http2 on;\n": "",
            " ssl default_server": " ssl http2 default_server",
            # A container may open so many files; a test's machine perhaps not.
            "worker_rlimit_nofile 32768;\n": "",
            "worker_connections 8192": "worker_connections 4096",
            "limit_conn sites 4000": f"limit_conn sites {self.requests_of_a_site}",
        }

    def __enter__(self) -> Self:
        command = ["nginx", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
        # Started by root, nginx would hand its work to a user who may not read a checkout in root's home.
        user = "user root; " if os.geteuid() == 0 else ""
        self.process = subprocess.Popen([*command, "-g", f"{user}daemon off;"], stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + SECONDS_OF_PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            time.sleep(0.05)
        raise TimeoutError("nginx does not listen")

    def __exit__(self, *raised: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
        source: str = "127.0.0.1",
    ) -> Answer:
        """A request over TLS from the loopback address `source`. A body that is iterated goes in chunks."""
        return ask(self.line(source), method, path, body=body, headers=headers)

    def ask_plainly(self, path: str) -> Answer:
        """GET `path` without TLS."""
        return ask(http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=SECONDS_OF_PATIENCE), "GET", path)

    def line(self, source: str) -> http.client.HTTPSConnection:
        """A connection from the loopback address `source`."""
        return http.client.HTTPSConnection(
            "127.0.0.1",
            self.port,
            timeout=SECONDS_OF_PATIENCE,
            context=trusting(),
            source_address=(source, 0),
        )

    def allow_networks(self, lines: str) -> None:
        """Put other networks into the file of those who see what is for operators, and load it."""
        (self.folder / "allowed-networks.conf").write_text(lines)
        before = {child.pid for child in psutil.Process(self.process.pid).children()}
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + SECONDS_OF_PATIENCE
        while before & {child.pid for child in psutil.Process(self.process.pid).children()}:
            assert time.monotonic() < deadline, "nginx keeps its old configuration"
            time.sleep(0.05)


def ask(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    *,
    body: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request, and the whole of its answer."""
    began = time.monotonic()
    line.request(method, path, body=body, headers={"Host": "localhost", **(headers or {})})
    response = line.getresponse()
    text = response.read().decode(errors="replace")
    line.close()
    return Answer(response.status, response.headers, text, time.monotonic() - began)


def _replace(file: Path, places: dict[str, str]) -> None:
    text = file.read_text()
    for ours, here in places.items():
        assert ours in text, f"{ours!r} is no longer in {file.name}"
        text = text.replace(ours, here)
    file.write_text(text)


def write_certificate(folder: Path) -> None:
    """A key and a certificate of `localhost`, which nobody signed but that key, for a server of a test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    no_password = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
    (folder / "privkey.pem").write_bytes(pem)
