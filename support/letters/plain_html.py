"""HTML read by a plain rule of ours: it sees tags and text, and no tree. Both processes know it."""

import html
import re

_UNSEEN_ELEMENTS = re.compile(r"<(script|style|title)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_ENDS_LINE = re.compile(
    r"<(?:br|/?(?:p|div|tr|table|ul|ol|li|blockquote|pre|h[1-6]|hr|section|article|header|footer))\b[^<>]*>",
    re.IGNORECASE,
)
_ENDS_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")


def plain_rule(source: str) -> str:
    """The text between the tags, line by line: no layout, but none of it missing."""
    seen = _UNSEEN_ELEMENTS.sub(" ", source) if _ends_what_it_begins(source) else source
    lines = _TAG.sub("", _ENDS_CELL.sub("\t", _ENDS_LINE.sub("\n", seen)))
    return tidy(html.unescape(lines))


def tidy(text: str) -> str:
    """The text without spaces at the ends of lines and without more than one empty line in turn."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip("\n")


def _ends_what_it_begins(source: str) -> bool:
    """Whether looking for the ends of elements is not done in vain again and again."""
    lower = source.lower()
    return all(
        lower.count(start) <= max(20, 2 * lower.count(end))
        for start, end in (("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<title", "</title"))
    )
