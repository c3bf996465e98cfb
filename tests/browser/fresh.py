"""Static files and translations as a release has them: made if they are missing or older than their sources."""

import fcntl
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from tests.stack import Stack


def prepare_release(stack: Stack) -> None:
    """Compile translations, and collect static files for a `pytest` without `make test`, where sources are newer.

    Two workers of one run do it one after the other.
    """
    with (Path(tempfile.gettempdir()) / "crs-browser-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_older(_catalogs("*.mo"), _catalogs("*.po")):
            stack.manage("compile_translations", "--verbosity", "0")
        collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
        # Folders too: one is newer when a file in it was deleted.
        sources = [found for folder in settings.STATICFILES_DIRS for found in Path(folder).rglob("*")]
        if _is_older([collected], sources):
            stack.manage("collectstatic", "--no-input", "--verbosity", "0")
            collected.touch()


def _catalogs(pattern: str) -> list[Path]:
    places = (settings.BASE_DIR.glob(f"{depth}locale/*/LC_MESSAGES/{pattern}") for depth in ("*/", "*/*/"))
    return [file for found in places for file in found if not {".venv", "node_modules"} & set(file.parts)]


def _is_older(made: Iterable[Path], sources: Iterable[Path]) -> bool:
    """Whether something made is missing or older than the newest of its sources."""
    times = [file.stat().st_mtime if file.exists() else 0 for file in made]
    return not times or min(times) < max((file.stat().st_mtime for file in sources), default=0)
