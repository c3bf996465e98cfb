"""Environment variables, each of which may also stand in a file or, for a server's address, in parts."""

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Variables(FileAwareMapping):  # type: ignore[misc]
    """`X` is the variable X, or the text of the file that `X_FILE` names, without its last line break.

    A secret in a file stands in no list of processes and in no description of a container. django-environ's own
    `FileAwareEnv` would keep the line break, and where the file is missing name the file alone, not the variable.
    """

    def __getitem__(self, key: str) -> str:
        """Raises KeyError where `key` is not set.

        Raises ImproperlyConfigured where its file cannot be read, and where what names a server is empty or not
        whole: read as "no server", it would make a local trial of a production.
        """
        if key in _NEVER_EMPTY and self.env.get(f"{key}_FILE") == "":
            raise ImproperlyConfigured(f"{key}_FILE is set, but names no file.")
        try:
            value = str(super().__getitem__(key)).rstrip("\r\n")
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read: {error}") from None
        except KeyError:
            if key not in _MADE_OF_PARTS:
                raise
            return _MADE_OF_PARTS[key](self)
        if key in _NEVER_EMPTY and not value.strip():
            raise ImproperlyConfigured(f"{key} is set, but empty. Fill it in, or its file, or take it away.")
        return value


class Environment(environ.Env):  # type: ignore[misc]
    """django-environ's typed helpers on `VARIABLES`, and two of our own for numbers as people write them.

    Its `int` reads 1_000, and its `float` leaves out what is no digit: of 1e3 it made 13.
    """

    ENVIRON = Variables(cache=False)

    def whole_number(self, name: str, *, default: int) -> int:
        """A whole number, 0 or more. Raises ImproperlyConfigured."""
        # The embedded servers read this module, and no forms.
        from crs.typed_numbers import whole_number

        read = _number(name, whole_number, "a whole number in digits, such as 20")
        return int(self.get_value(name, cast=read, default=default))

    def decimal_number(self, name: str, *, default: float) -> float:
        """A number, 0 or more. Raises ImproperlyConfigured."""
        from crs.typed_numbers import decimal_number

        read = _number(name, decimal_number, "a number in digits, such as 0.5")
        return float(self.get_value(name, cast=read, default=default))


VARIABLES: Variables = Environment.ENVIRON


def _number(name: str, read: Callable[[str], int | Decimal], asked: str) -> Callable[[str], int | Decimal]:
    def number(text: str) -> int | Decimal:
        try:
            value = read(text)
        except ValueError:
            value = None
        if value is None or value < 0:
            # Without the text: where the wrong file is named, it may be a secret.
            raise ImproperlyConfigured(f"{name} is no number that can be used. Write {asked}.") from None
        return value

    return number


def _database_url(variables: Variables) -> str:
    host, port = _host(variables, "DATABASE"), variables.get("DATABASE_PORT", "5432")
    user, name = variables.get("DATABASE_USER", "crs"), variables.get("DATABASE_NAME", "crs")
    password = variables.get("DATABASE_PASSWORD")
    if password is None:
        raise ImproperlyConfigured(
            "DATABASE_HOST is set, but DATABASE_PASSWORD is not. For a server that asks for none, set DATABASE_URL."
        )
    return f"postgresql://{_quoted(user)}:{_quoted(password)}@{host}:{port}/{_quoted(name)}"


def _redis_url(prefix: str) -> Callable[[Variables], str]:
    def url(variables: Variables) -> str:
        host, port = _host(variables, prefix), variables.get(f"{prefix}_PORT", "6379")
        password = variables.get(f"{prefix}_PASSWORD", "")
        return f"redis://{f':{_quoted(password)}@' if password else ''}{host}:{port}/0"

    return url


def _host(variables: Variables, prefix: str) -> str:
    """Raises KeyError where nothing of the server is set: only that means that there is none."""
    orphans = [f"{prefix}_{part}" for part in _PARTS if f"{prefix}_{part}" in variables]
    if orphans and f"{prefix}_HOST" not in variables:
        raise ImproperlyConfigured(f"{orphans[0]} is set, but neither {prefix}_HOST nor {prefix}_URL is.")
    return variables[f"{prefix}_HOST"]


def _quoted(part: str) -> str:
    """`part` as it may stand in a URL, whatever is in it: `/`, `@`, `:`, `%`."""
    return quote(part, safe="")


_PARTS = ("PORT", "USER", "NAME", "PASSWORD")
_NEVER_EMPTY = {f"{prefix}_{part}" for prefix in ("DATABASE", "REDIS", "CACHE") for part in ("URL", "HOST", *_PARTS)}
_MADE_OF_PARTS: dict[str, Callable[[Variables], str]] = {
    "DATABASE_URL": _database_url,
    "REDIS_URL": _redis_url("REDIS"),
    "CACHE_URL": _redis_url("CACHE"),
}
