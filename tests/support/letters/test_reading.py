"""Every nasty letter is read as it should be, whatever is done to its bytes."""

from typing import Any

import pytest

from support.letters.identity import identity
from support.letters.reading import read
from support.letters.sorting import kind_of, may_be_answered
from tests.support.nasty_letters import LETTERS, PAIRS, Nasty, Pair
from tests.support.nasty_letters.building import DESK, LINE


def _fact(value: Any, path: str) -> Any:
    """What stands at 'files.0.name', with 'len.files' and 'files.0.size' for lengths."""
    if path.startswith("len."):
        return len(_fact(value, path[4:]))
    name, _, rest = path.partition(".")
    if isinstance(value, tuple):
        found = value[int(name)]
    elif name == "size":
        return len(value.content)
    elif isinstance(value, str):
        return value
    elif hasattr(value, "get"):
        return value.get(path)
    else:
        found = getattr(value, name)
    return _fact(found, rest) if rest else found


@pytest.mark.parametrize("nasty", LETTERS, ids=str)
def test_a_nasty_letter_is_read(nasty: Nasty) -> None:
    letter = read(nasty.raw)
    assert letter.is_readable == nasty.is_readable
    if nasty.subject is not None:
        assert letter.subject == nasty.subject
    if nasty.from_ is not None:
        assert letter.from_.address == nasty.from_
    for piece in nasty.text:
        assert piece in letter.text
    for piece in nasty.not_text:
        assert piece not in letter.text
    if nasty.files is not None:
        assert tuple(file.name for file in letter.files) == nasty.files
    assert set(nasty.notices) <= set(letter.notices)
    assert not set(nasty.not_notices) & set(letter.notices)
    for path, expected in nasty.facts.items():
        found = _fact(letter, path.removesuffix(".contains"))
        assert expected in found if path.endswith(".contains") else found == expected
    kind = kind_of(letter, envelope_sender=nasty.envelope_sender, own_addresses=(DESK, LINE))
    assert kind == nasty.sort
    answered = may_be_answered(letter, kind, envelope_sender=nasty.envelope_sender, own_addresses=(DESK, LINE))
    assert answered == nasty.may_be_answered


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_letter_is_known_again_whichever_way_it_came(pair: Pair) -> None:
    assert (identity(pair.first) == identity(pair.second)) == pair.are_one
