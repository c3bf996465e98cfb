"""Every library that is imported is declared, and every one that is served is named with its licence."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from crs.embedded.paths import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = [name for name in PYPROJECT["tool"]["mypy"]["files"] if not name.endswith(".py")]


def names(requirements: Iterable[str]) -> set[str]:
    """The libraries that these lines of pyproject.toml, or names of distributions, ask for."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", line)[0]).lower() for line in requirements}


def imported(file: Path) -> Iterator[str]:
    """The top-level package of each import."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_library_that_is_imported_is_declared(folder: str) -> None:
    project = PYPROJECT["project"]
    declared = names(project["dependencies"])
    if folder == "tests":
        declared |= names(project["optional-dependencies"]["dev"])
    known = packages_distributions()
    for file in (ROOT / folder).rglob("*.py"):
        libraries = set(imported(file)) - {*FOLDERS, *sys.stdlib_module_names}
        assert not [name for name in libraries if not names(known.get(name, [])) & declared], file


def test_the_notice_names_every_front_end_package_in_its_version() -> None:
    notice = (ROOT / "NOTICE").read_text()
    for name, version in json.loads((ROOT / "package.json").read_text())["dependencies"].items():
        assert f"{name} {version} " in notice
