"""Small papers for tests, in the fonts of the real ones."""

from html import escape

from crs.paper import printing
from crs.paper.draft import Draft


def draft(text: str, *, sheet: str = "") -> Draft:
    """A paper that says `text`, twice: in regular and in bold letters."""
    html = f"<html lang=cs><title>Zkouška</title><p>{escape(text)}</p><p><b>{escape(text)}</b></p></html>"
    return Draft((html,), sheet, printing.faces(), b"draft", {})
