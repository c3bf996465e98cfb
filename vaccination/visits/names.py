"""Names as people look for them: without case, accents and what stands between words, in any script."""

import unicodedata

# Letters of Latin that no accent makes.
_OWN_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})


def plain(text: str) -> str:
    """The words of `text` in lower case, without accents, with single spaces between them."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_OWN_LETTERS))
    kept = (_kept(character) for character in decomposed)
    return " ".join("".join(kept).split())


def searched(*names: str) -> str:
    """The text to search in: the plain words of all names, and each name once more without spaces in it."""
    words = [plain(name) for name in names if name]
    return " ".join([*words, *(word.replace(" ", "") for word in words if " " in word)])


def _kept(character: str) -> str:
    """A letter or a digit as it is, nothing of an accent or an invisible mark, a space of all that parts words."""
    kind = unicodedata.category(character)
    if kind[0] in "LN":
        return character
    return "" if kind[0] == "M" or kind == "Cf" else " "
