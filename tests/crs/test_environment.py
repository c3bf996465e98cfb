"""A variable may stand in a file or in parts, with whatever characters a password has."""

from pathlib import Path

import pytest
import redis
from django.core.exceptions import ImproperlyConfigured

from crs.embedded.paths import is_embedded_database, is_embedded_redis
from crs.environment import VARIABLES, Environment
from crs.secrets import secret

HARD = "a/b@c:d%2Fe+f#g?h &é"


@pytest.fixture
def in_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "InFile":
    """Puts a value into a file and its name into a variable."""
    return InFile(monkeypatch, tmp_path)


class InFile:
    """What the fixture gives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.monkeypatch, self.folder = monkeypatch, folder

    def put(self, name: str, value: str) -> None:
        """As `echo value > file` does, with a line break at the end."""
        file = self.folder / name
        file.write_text(f"{value}\n")
        self.monkeypatch.setenv(f"{name}_FILE", str(file))


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "LOOKUP_KEY", "FIELD_ENCRYPTION_KEY", "SIGNING_KEY_ENCRYPTION_KEY", "TWILIO_AUTH_TOKEN"],
)
def test_a_secret_may_stand_in_a_file(in_file: InFile, name: str) -> None:
    in_file.put(name, HARD)
    assert secret(name) == HARD


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL"])
def test_an_address_may_stand_in_a_file(in_file: InFile, name: str) -> None:
    in_file.put(name, "scheme://user:password@host/name")
    assert Environment().str(name) == "scheme://user:password@host/name"


def test_a_file_that_is_missing_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOKUP_KEY_FILE", "/nowhere/lookup_key")
    with pytest.raises(ImproperlyConfigured, match="LOOKUP_KEY_FILE"):
        secret("LOOKUP_KEY")


def test_a_database_in_parts_with_any_password(in_file: InFile, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_embedded_database()
    monkeypatch.setenv("DATABASE_HOST", "postgres")
    in_file.put("DATABASE_PASSWORD", HARD)
    assert not is_embedded_database()
    read = Environment.db_url_config(VARIABLES["DATABASE_URL"])
    assert (read["HOST"], read["PORT"], read["USER"], read["NAME"]) == ("postgres", 5432, "crs", "crs")
    assert read["PASSWORD"] == HARD


@pytest.mark.parametrize("prefix", ["REDIS", "CACHE"])
def test_a_valkey_in_parts_with_any_password(in_file: InFile, monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    assert is_embedded_redis()
    monkeypatch.setenv(f"{prefix}_HOST", "valkey")
    in_file.put(f"{prefix}_PASSWORD", HARD)
    assert is_embedded_redis() == (prefix != "REDIS")
    read = redis.ConnectionPool.from_url(VARIABLES[f"{prefix}_URL"]).connection_kwargs
    assert (read["host"], read["port"], read["db"], read["password"]) == ("valkey", 6379, 0, HARD)


def test_an_address_as_a_whole_wins_over_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://one:6379/0")
    monkeypatch.setenv("REDIS_HOST", "other")
    assert VARIABLES["REDIS_URL"] == "redis://one:6379/0"


@pytest.mark.parametrize("server", ["DATABASE", "REDIS", "CACHE"])
@pytest.mark.parametrize("part", ["URL", "HOST", "PASSWORD"])
@pytest.mark.parametrize("is_file", [False, True], ids=["variable", "file"])
def test_a_server_that_is_named_by_nothing_stops_the_start(
    in_file: InFile, monkeypatch: pytest.MonkeyPatch, server: str, part: str, is_file: bool
) -> None:
    name = f"{server}_{part}"
    if part == "PASSWORD":
        monkeypatch.setenv(f"{server}_HOST", "server")
    if is_file:
        in_file.put(name, "")
    else:
        monkeypatch.setenv(name, "")
    with pytest.raises(ImproperlyConfigured, match=name):
        VARIABLES.get(f"{server}_URL")
    monkeypatch.setenv(f"{name}_FILE", "")
    with pytest.raises(ImproperlyConfigured, match=name):
        VARIABLES.get(f"{server}_URL")


def test_a_database_without_its_password_is_no_local_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_HOST", "postgres")
    monkeypatch.setenv("DATABASE_PASWORD", HARD)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_PASSWORD"):
        is_embedded_database()
    monkeypatch.setenv("DATABASE_URL", "postgresql://crs@postgres/crs?sslmode=verify-full")
    assert not is_embedded_database()


@pytest.mark.parametrize("server", ["DATABASE", "REDIS", "CACHE"])
def test_a_password_without_a_host_stops_the_start(monkeypatch: pytest.MonkeyPatch, server: str) -> None:
    monkeypatch.setenv(f"{server}_PASSWORD", HARD)
    with pytest.raises(ImproperlyConfigured, match=f"{server}_PASSWORD is set"):
        VARIABLES.get(f"{server}_URL")


def test_a_valkey_may_have_no_password_and_what_is_optional_may_be_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_HOST", "valkey")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "")
    assert VARIABLES["REDIS_URL"] == "redis://valkey:6379/0"
    assert VARIABLES["TWILIO_ACCOUNT_SID"] == ""


@pytest.mark.parametrize(("text", "number"), [("20", 20), ("1200", 1200), ("1 200", 1200), (" 0 ", 0)])
def test_a_whole_number_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, text: str, number: int) -> None:
    monkeypatch.setenv("SMS_PER_SECOND", text)
    assert Environment().whole_number("SMS_PER_SECOND", default=7) == number
    monkeypatch.delenv("SMS_PER_SECOND")
    assert Environment().whole_number("SMS_PER_SECOND", default=7) == 7


@pytest.mark.parametrize("text", ["1_000", "1.000", "1e3", "+5", "-1", "twenty", "20/s", "", "²"])
def test_what_is_no_whole_number_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SMS_PER_SECOND", text)
    with pytest.raises(ImproperlyConfigured, match=r"SMS_PER_SECOND is no number .* whole number in digits"):
        Environment().whole_number("SMS_PER_SECOND", default=7)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("0.5", 0.5), ("0,5", 0.5)])
def test_seconds_may_have_a_comma_or_a_point(monkeypatch: pytest.MonkeyPatch, text: str, number: float) -> None:
    monkeypatch.setenv("PAPER_SECONDS", text)
    assert Environment().decimal_number("PAPER_SECONDS", default=20) == number


@pytest.mark.parametrize("text", ["1e3", "12 s", "2 or 3", "nan", "-1", "1_0", ""])
def test_what_is_no_number_of_seconds_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PAPER_SECONDS", text)
    with pytest.raises(ImproperlyConfigured, match="PAPER_SECONDS is no number"):
        Environment().decimal_number("PAPER_SECONDS", default=20)


def test_the_settings_read_numbers_nowhere_else() -> None:
    settings = Path("crs/settings.py").read_text()
    assert "env.whole_number(" in settings
    assert "env.int(" not in settings
    assert "env.float(" not in settings
