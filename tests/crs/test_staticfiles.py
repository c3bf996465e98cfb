"""The front-end files that we name are there, and no page asks for another."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from crs.front_end_files import NODE_MODULES_FILES
from crs.staticfiles import NodeModulesFinder


@pytest.mark.parametrize("path", NODE_MODULES_FILES)
def test_a_mapped_file_is_found(path: str) -> None:
    found = finders.find(path)
    assert found
    assert Path(found).is_file()


def test_nothing_else_of_node_modules_is_served() -> None:
    assert finders.find("axe-core/axe.min.js") is None
    assert finders.find("@gov-design-system-ce/styles/lib/components.css") is None


def test_collectstatic_is_given_exactly_the_mapped_files() -> None:
    listed = dict(NodeModulesFinder().list(None))
    assert set(listed) == set(NODE_MODULES_FILES)
    with listed["gov/tokens.css"].open("gov/tokens.css") as file:
        assert b"--color-primary-600" in file.read()


def test_every_file_that_a_style_sheet_names_is_mapped() -> None:
    sheets = [path for path in (*NODE_MODULES_FILES, "crs/crs.css") if path.endswith(".css")]
    for sheet in sheets:
        text = Path(str(finders.find(sheet))).read_text(encoding="utf-8-sig")
        for name in re.findall(r"url\([\"']?([^)\"']+)", text):
            if name.startswith("data:"):
                continue
            target = (Path("/") / sheet).parent.joinpath(name)
            assert finders.find(str(Path(*_resolved(target).parts[1:]))), f"{sheet} names {name}"


def test_every_static_file_that_a_template_names_is_found() -> None:
    named = set()
    for template in (settings.BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r"{% static ['\"]([^'\"]+)", template.read_text(encoding="utf-8")))
    assert named
    assert [name for name in sorted(named) if not finders.find(name)] == []


def test_our_own_style_and_script_stay_small() -> None:
    folder = settings.BASE_DIR / "static" / "crs"
    assert (folder / "crs.css").stat().st_size < 20_000
    assert (folder / "crs.js").stat().st_size < 5_000


def _resolved(path: Path) -> Path:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return Path(*parts)
