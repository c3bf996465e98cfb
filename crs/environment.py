"""Environment variables, each of which may also stand in a file or, for a server's address, in parts."""

from collections.abc import Callable
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping


class Variables(FileAwareMapping):  # type: ignore[misc]
    """`X` is the variable X, or the text of the file that `X_FILE` names, without its last line break.

    A secret in a file stands in no list of processes and in no description of a container.
    """

    def __getitem__(self, key: str) -> str:
        """Raises KeyError where `key` is not set, ImproperlyConfigured where its file cannot be read."""
        try:
            return str(super().__getitem__(key)).rstrip("\r\n")
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read: {error}") from None
        except KeyError:
            if key not in _MADE_OF_PARTS:
                raise
            return _MADE_OF_PARTS[key](self)


class Environment(environ.Env):  # type: ignore[misc]
    """django-environ's typed helpers on `VARIABLES`."""

    ENVIRON = Variables(cache=False)


VARIABLES: Variables = Environment.ENVIRON


def _database_url(variables: Variables) -> str:
    # The KeyError of a missing host says that there is no address.
    host, port = variables["DATABASE_HOST"], variables.get("DATABASE_PORT", "5432")
    user, name = variables.get("DATABASE_USER", "crs"), variables.get("DATABASE_NAME", "crs")
    return f"postgresql://{_quoted(user)}:{_quoted(variables['DATABASE_PASSWORD'])}@{host}:{port}/{_quoted(name)}"


def _redis_url(prefix: str) -> Callable[[Variables], str]:
    def url(variables: Variables) -> str:
        host, port = variables[f"{prefix}_HOST"], variables.get(f"{prefix}_PORT", "6379")
        password = variables.get(f"{prefix}_PASSWORD", "")
        return f"redis://{f':{_quoted(password)}@' if password else ''}{host}:{port}/0"

    return url


def _quoted(part: str) -> str:
    """`part` as it may stand in a URL, whatever is in it: `/`, `@`, `:`, `%`."""
    return quote(part, safe="")


_MADE_OF_PARTS: dict[str, Callable[[Variables], str]] = {
    "DATABASE_URL": _database_url,
    "REDIS_URL": _redis_url("REDIS"),
    "CACHE_URL": _redis_url("CACHE"),
}
