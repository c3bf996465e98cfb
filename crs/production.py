"""Refuses to start CRS for real people with keys that can be guessed or doors left open."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 10
# The machine itself, and the names of .env.example.
NOBODYS_HOSTS = ("localhost", "127.0.0.1", "::1", "registrace.example.cz")


def refuse_unsafe(
    *,
    secrets: Mapping[str, str],
    encryption_keys: Mapping[str, Sequence[str]],
    public_url: str,
    allowed_hosts: Sequence[str],
) -> None:
    """Raise ImproperlyConfigured that names each variable with which CRS must not start, and says why.

    It is asked while settings load, so web, worker, beat and every command refuse alike. `encryption_keys` are Fernet
    keys by the variable in which they stand, separated by commas.
    """
    wrong = [
        *_weak_secrets(secrets),
        *(problem for name, keys in encryption_keys.items() for problem in _malformed_keys(name, keys)),
        *_shared_secrets({**secrets, **{name: ",".join(keys) for name, keys in encryption_keys.items()}}),
        *_open_doors(public_url, allowed_hosts),
    ]
    if wrong:
        raise ImproperlyConfigured("CRS does not start like this (README.md, 'Configuration'): " + " ".join(wrong))


def _weak_secrets(secrets: Mapping[str, str]) -> Iterator[str]:
    for name, value in secrets.items():
        if len(value) < SHORTEST_SECRET:
            yield f"{name} is shorter than {SHORTEST_SECRET} characters."
        elif len(set(value)) < FEWEST_CHARACTERS:
            yield f"{name} has fewer than {FEWEST_CHARACTERS} different characters."


def _malformed_keys(name: str, keys: Sequence[str]) -> Iterator[str]:
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            yield f"{name}: key {number} is not a Fernet key (32 bytes in URL-safe base64)."
        else:
            if len(set(key)) < FEWEST_CHARACTERS:
                yield f"{name}: key {number} has fewer than {FEWEST_CHARACTERS} different characters."


def _shared_secrets(secrets: Mapping[str, str]) -> Iterator[str]:
    first_with: dict[str, str] = {}
    for name, values in secrets.items():
        for value in values.split(","):
            other = first_with.setdefault(value, name)
            if other != name:
                yield f"{name} is the same as {other}; whoever learns one would know both."


def _open_doors(public_url: str, allowed_hosts: Sequence[str]) -> Iterator[str]:
    address = urlsplit(public_url)
    if address.scheme not in {"http", "https"} or not address.hostname or address.hostname in NOBODYS_HOSTS:
        yield f"PUBLIC_URL is {public_url}; set it to the address at which people reach the portal."
    # Django takes any host for `*`, and any host of a country for `.cz`.
    if any(host == "*" or (host.startswith(".") and host.count(".") == 1) for host in allowed_hosts):
        yield f"ALLOWED_HOSTS lets in every name ({','.join(allowed_hosts)}); set it to those of the portal."
