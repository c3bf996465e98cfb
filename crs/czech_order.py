"""Where a word stands in a Czech list (ČSN 97 6030): in Python by a key, in the database by the lookup `czech`.

A list that people read is sorted by `order_by("name__czech")` or by `key=czech_order`, and both sort alike
(docs/adr/0064-czech-order.md). Plain `name` sorts by the codes of the letters: Výstaviště before Všeobecná.
"""

import re
import unicodedata
from functools import lru_cache

from django.db.models import CharField, TextField, Transform

# These stand after the plain letter, 'ch' after h; a sign above all letters stands for that.
_AFTER = "\U0010ffff"
_LETTERS = {"č": f"c{_AFTER}", "ř": f"r{_AFTER}", "š": f"s{_AFTER}", "ž": f"z{_AFTER}", "ch": f"h{_AFTER}"}
# Names of states are sorted in Ukrainian and Vietnamese too, whose own letters follow those that they look like.
_LETTERS |= {"ґ": f"г{_AFTER}", "є": f"е{_AFTER}", "і": f"и{_AFTER}", "ї": f"и{_AFTER * 2}", "й": f"и{_AFTER * 3}"}
_LETTERS |= {"đ": f"d{_AFTER}"}
_MARKS = re.compile("[\u0300-\u036f]")
_NUMBER = re.compile("[0-9]+")
_DIGITS = 12


def czech_order(text: str) -> str:
    """The key to sort `text` by: č, ř, š, ž after their plain letters, 'ch' after h, numbers by what they are worth.

    Other marks and capitals count only between words that are alike without them.
    """
    small = unicodedata.normalize("NFC", text).lower()
    key = small
    for letter, place in _LETTERS.items():
        key = key.replace(letter, place)
    key = _MARKS.sub("", unicodedata.normalize("NFKD", key))
    # Below all that is printed, so that the shorter of two words comes first.
    return f"{_NUMBER.sub(lambda found: found[0].lstrip('0').zfill(_DIGITS), key)}\x01{small}"


# For names of places and things, which stand in list after list. Names of people are not kept.
order_of_name = lru_cache(maxsize=4096)(czech_order)


@CharField.register_lookup
@TextField.register_lookup
class CzechOrder(Transform):
    """The same key in the database: `crs/sql/czech_order.sql`."""

    lookup_name = "czech"
    function = "czech_order"
    # The key is made to be compared sign by sign, whatever order the database is set up with.
    template = '(%(function)s(%(expressions)s) COLLATE "C")'
    output_field = TextField()
