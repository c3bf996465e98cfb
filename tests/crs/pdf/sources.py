"""Small papers for tests, in the fonts of the real ones."""

from html import escape

from crs.pdf import rendering
from crs.pdf.source import Source


def source(text: str, *, sheet: str = "") -> Source:
    """A paper that says `text`, twice: in regular and in bold letters."""
    html = f"<html lang=cs><title>Zkouška</title><p>{escape(text)}</p><p><b>{escape(text)}</b></p></html>"
    return Source((html,), sheet, rendering.faces(), b"source", {})
