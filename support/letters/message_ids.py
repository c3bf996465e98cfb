"""Message-IDs as fields hold them."""

import re

from support.letters.headers import text_of

LONGEST = 1000
# Of a long thread the first letters and the last ones.
FIRST, LAST = 10, 30
_BRACKETED = re.compile(r"<([^<>]{1,2000})>")


def message_ids(field: bytes) -> tuple[str, ...]:
    """All ids of a field, each once, with brackets; of more than `FIRST` + `LAST` those in the middle are left out."""
    text = text_of(field)
    found = _BRACKETED.findall(text) or [word for word in text.split() if "@" in word]
    ids = [*dict.fromkeys(one for one in map(_one, found) if one != "<>")]
    return tuple(ids if len(ids) <= FIRST + LAST else ids[:FIRST] + ids[-LAST:])


def message_id(field: bytes) -> str:
    """The id of a letter; '' if it has none. One without an '@' counts too."""
    text = text_of(field)
    bracketed = _BRACKETED.search(text)
    one = _one(bracketed[1] if bracketed else text)
    return "" if one == "<>" else one


def _one(text: str) -> str:
    visible = "".join(character for character in text if character.isprintable() and not character.isspace())
    return f"<{visible.strip('<>')[: LONGEST - 2]}>"
