"""Where a word stands in a Czech list (ČSN 97 6030)."""

import unicodedata

# These stand after the plain letter, 'ch' after h; a sign above all letters stands for that.
_AFTER = "\U0010ffff"
_LETTERS = {"č": f"c{_AFTER}", "ř": f"r{_AFTER}", "š": f"s{_AFTER}", "ž": f"z{_AFTER}", "ch": f"h{_AFTER}"}
# Names of states are sorted in Ukrainian and Vietnamese too, whose own letters follow those that they look like.
_LETTERS |= {"ґ": f"г{_AFTER}", "є": f"е{_AFTER}", "і": f"и{_AFTER}", "ї": f"и{_AFTER * 2}", "й": f"и{_AFTER * 3}"}
_LETTERS |= {"đ": f"d{_AFTER}"}


def czech_order(text: str) -> str:
    """The key to sort `text` by: č, ř, š, ž after their plain letters, 'ch' after h; other marks do not count."""
    key = unicodedata.normalize("NFC", text.casefold())
    for letter, place in _LETTERS.items():
        key = key.replace(letter, place)
    return "".join(one for one in unicodedata.normalize("NFKD", key) if not unicodedata.combining(one))
