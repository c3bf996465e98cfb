"""The history of each row says by which operation it was changed, by whom and why, in the same words everywhere."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from crs import history
from registration.models import PriorityGroup
from registration.operations import Operation

ROOMS = ("crs", "logistics", "registration", "reservation", "vaccination", "certificates", "support")


def _context_of(group: PriorityGroup) -> dict[str, Any]:
    context: dict[str, Any] = group.events.latest("pgh_id").pgh_context.metadata  # type: ignore[attr-defined]
    return context


@pytest.mark.django_db
def test_an_operation_in_a_session_of_staff_bears_its_name_and_their_own() -> None:
    user = User.objects.create(username="eva", first_name="Eva", last_name="Malá")
    group = PriorityGroup.objects.all()[0]
    with history.in_session_of(user.pk, url="/page/"), history.recording(Operation.EDIT_GROUP):
        PriorityGroup.objects.filter(pk=group.pk).update(phase="IB", hints={"cs": "x"})
    context = _context_of(group)
    assert context == {"operation": "registration.edit_group", "user": user.pk, "url": "/page/"}
    assert history.names_of_users([context, None, {}, {"user": 0}]) == {user.pk: "Eva Malá"}


@pytest.mark.django_db
def test_who_acts_goes_before_whose_session_it_is() -> None:
    eva, petr = (User.objects.create(username=name) for name in ("eva", "petr"))
    group = PriorityGroup.objects.all()[0]
    with (
        history.in_session_of(eva.pk, url="/"),
        history.recording(Operation.REGISTER, by=petr, reason="x", claim=7),
    ):
        PriorityGroup.objects.filter(pk=group.pk).update(hints={"cs": "x"})
    context = _context_of(group)
    assert (context["user"], context["reason"], context["claim"]) == (petr.pk, "x", 7)


def test_a_code_names_its_room_and_stands_once() -> None:
    for room in history.Operation.__subclasses__():
        place = room.__module__.removesuffix(".operations")
        assert all(re.fullmatch(rf"{place}\.[a-z_]+", operation) for operation in room)


def _sources() -> list[Path]:
    base = Path(settings.BASE_DIR)
    return [path for room in ROOMS for path in (base / room).rglob("*.py") if "migrations" not in path.parts]


def test_only_one_module_sets_a_context_of_history() -> None:
    """Models say what is tracked; what else is asked of pghistory goes through `crs.history`."""
    sources = _sources()
    assert len(sources) > 200
    setting = [
        path.relative_to(settings.BASE_DIR).as_posix()
        for path in sources
        if "pghistory" in (text := path.read_text())  # few do, and taking all apart takes a second
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) == "pghistory.context")
        or (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pghistory"))
    ]
    assert set(setting) == {"crs/history.py"}


def test_every_code_is_recorded_somewhere() -> None:
    text = "\n".join(path.read_text() for path in _sources() if path.name != "operations.py")
    recorded = set(re.findall(r"\bOperation\.(\w+)", text))
    missing = [
        operation.value
        for room in history.Operation.__subclasses__()
        for operation in room
        if operation.name not in recorded
    ]
    assert not missing
