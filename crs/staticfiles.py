"""Takes the few front-end files that `crs.front_end_files` names out of `node_modules/`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from crs.front_end_files import NODE_MODULES_FILES


class NodeModulesFinder(BaseFinder):
    """Finds what `NODE_MODULES_FILES` maps: a static path to a path inside `node_modules/`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = _MappedStorage(location=settings.BASE_DIR / "node_modules")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file that serves `path`, or nothing."""
        inside = NODE_MODULES_FILES.get(path)
        if inside is None:
            return []
        found = str(settings.BASE_DIR / "node_modules" / inside)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        """Every mapped file with the storage that opens it."""
        for path in NODE_MODULES_FILES:
            yield path, self.storage


class _MappedStorage(FileSystemStorage):
    """Opens a static path at its place inside `node_modules/`."""

    prefix = ""

    def path(self, name: str) -> str:
        return super().path(NODE_MODULES_FILES[name])


def packaged_file(static_path: str) -> Path | None:
    """The file of a front-end package behind `static_path`, as collected or else as npm brought it; None for none."""
    collected = Path(settings.STATIC_ROOT) / static_path
    source = settings.BASE_DIR / "node_modules" / NODE_MODULES_FILES.get(static_path, "")
    return next((file for file in (collected, source) if file.is_file()), None)
