"""The member states' published test codes and the EU's schema, where this machine has them."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.conf import settings

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "dcc"

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True)
class PublishedCode:
    """A test code of a state and what it is published for."""

    file: str
    text: str
    signer: bytes  # DER of the signer's certificate
    at: datetime
    expected: Mapping[str, bool]
    content: dict[str, Any] | None

    @property
    def is_dated(self) -> bool:
        """Whether it is published to be judged at its moment; some others were issued after their own."""
        return "EXPIRATIONCHECK" in self.expected or "EXPTECTEDEXPIRED" in self.expected


def needs_eu_codes(test: Test) -> Test:
    """Mark a test that reads them: it is skipped, with the reason printed, where they are absent."""
    marked: Test = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the EU's test codes are not in {FOLDER}")(test)
    return marked


def each_published_code(test: Test) -> Test:
    """Run the test for each of them, as its argument `code`; it is skipped where they are absent."""
    codes = [pytest.param(code, id=code.file) for code in published()] or [pytest.param(None, id="absent")]
    marked: Test = needs_eu_codes(pytest.mark.parametrize("code", codes)(test))
    return marked


@cache
def published() -> list[PublishedCode]:
    """All of them; none where the folder is absent."""
    if not FOLDER.is_dir():
        return []
    found = read("vectors.json")
    signers = [base64.b64decode(der) for der in found["certs"]]
    return [
        PublishedCode(
            file=one["file"].replace("/2DCode/raw", "").removesuffix(".json"),
            text=one["prefix"],
            signer=signers[one["cert"]],
            at=datetime.fromisoformat(one["clock"]),
            expected=one["expect"],
            content=one["json"],
        )
        for one in found["vectors"]
    ]


def read(name: str) -> Any:
    """A file's content."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))
