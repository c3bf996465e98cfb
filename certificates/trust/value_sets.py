"""The EU's value sets: names of the codes in a certificate, from the files that the EU publishes."""

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import transaction

from certificates.models import ValueSetEntry
from crs import saved_files
from crs.saved_files import UnreadableFile
from crs.typed import plain

_LONGEST = 4 * 1024 * 1024


class Outcome(StrEnum):
    """What became of a code."""

    NEW = "new"
    RENAMED = "with another name"
    KNOWN = "as before"


@dataclass
class ValueSetImport:
    """What an import did."""

    codes: Counter[Outcome] = field(default_factory=Counter)
    not_used: list[str] = field(default_factory=list)  # files with a set that vaccinations do not use
    problems: list[str] = field(default_factory=list)


def import_value_sets(*, folder: Path, is_dry_run: bool = False) -> ValueSetImport:
    """Read all JSON files of the folder. Codes that are in no file stay: old certificates have them.

    A file that cannot be read is a problem of its own and the others are read. Raises OSError for a folder of no use.
    """
    done = ValueSetImport()
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json" and path.is_file()):
        try:
            value_set, names = _read(path)
        except ValueError as error:
            done.problems.append(f"{path.name}: {error}")
            continue
        if value_set not in ValueSetEntry.ValueSet.values:
            done.not_used.append(path.name)
            continue
        done.codes.update(_write(value_set, names, is_dry_run=is_dry_run))
    return done


@transaction.atomic
def _write(value_set: str, names: dict[str, str], *, is_dry_run: bool) -> Counter[Outcome]:
    known = dict(ValueSetEntry.objects.filter(value_set=value_set).values_list("code", "display"))
    changed = {code: name for code, name in names.items() if known.get(code) != name}
    if not is_dry_run:
        ValueSetEntry.objects.bulk_create(
            [ValueSetEntry(value_set=value_set, code=code, display=name) for code, name in changed.items()],
            update_conflicts=True,
            unique_fields=["value_set", "code"],
            update_fields=["display"],
        )
    renamed = len(changed.keys() & known.keys())
    return Counter(
        {
            Outcome.NEW: len(changed) - renamed,
            Outcome.RENAMED: renamed,
            Outcome.KNOWN: len(names) - len(changed),
        }
    )


def _read(path: Path) -> tuple[str, dict[str, str]]:
    """The set's name and its names by code. Raises ValueError in words for ops."""
    try:
        content: Any = json.loads(saved_files.json_of(path.read_bytes(), "It", longest=_LONGEST))
    except OSError as error:
        raise ValueError(f"It cannot be read: {error.strerror}.") from error
    except UnreadableFile as error:
        raise ValueError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ValueError("This is no JSON.") from error
    match content:
        case {"valueSetId": str(value_set), "valueSetValues": dict(values)}:
            return value_set, {code: _name(code, value) for code, value in values.items()}
        case _:
            raise ValueError("There is no valueSetId or no valueSetValues in it.")


def _name(code: str, value: Any) -> str:
    display = value.get("display") if isinstance(value, dict) else None
    if not (isinstance(display, str) and plain(display) and 0 < len(code) <= 80 and len(display) <= 200):
        raise ValueError(f"The code {code[:80]!r} has no name, or one of them is too long.")
    return plain(display)
