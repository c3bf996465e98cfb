"""HTML read by a plain rule of ours: it sees tags and text, and no tree. Both processes know it."""

import html
import re

_UNSEEN = re.compile(r"<!--|<(script|style|title)\b", re.IGNORECASE | re.ASCII)
_ENDS_UNSEEN = {
    name: re.compile(rf"</{name}\b[^<>]*+>", re.IGNORECASE | re.ASCII) for name in ("script", "style", "title")
} | {"": re.compile("-->")}
_ENDS_LINE = re.compile(
    r"<(?:br|/?(?:p|div|tr|table|ul|ol|li|blockquote|pre|h[1-6]|hr|section|article|header|footer))\b[^<>]*>",
    re.IGNORECASE,
)
_ENDS_CELL = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_LONG_NUMBER = re.compile(r"&#([0-9]{8,}+)")


def plain_rule(source: str) -> str:
    """The text between the tags, line by line: no layout, but none of it missing."""
    lines = _TAG.sub("", _ENDS_CELL.sub("\t", _ENDS_LINE.sub("\n", _seen(source))))
    return tidy(unescaped(lines))


def unescaped(source: str) -> str:
    """The source with its entities as characters. Python reads no number of more than 4,300 digits."""
    return html.unescape(_LONG_NUMBER.sub(lambda found: f"&#{found[1].lstrip('0')[:8] or '0'}", source))


def tidy(text: str) -> str:
    """The text without spaces at the ends of lines and without more than one empty line in turn."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip("\n")


def _seen(source: str) -> str:
    """The source without what no mail program shows. What never ends is shown: it may be all of the letter.

    No end is looked for in vain twice, so the time is that of the source's length.
    """
    pieces: list[str] = []
    endless: set[str] = set()
    at = look_at = 0
    while start := _UNSEEN.search(source, look_at):
        name = (start[1] or "").lower()
        look_at = start.end()
        if name in endless:
            continue
        # The end of its tag first: without one the element has none either.
        inside = source.find(">", look_at) if name else look_at
        end = _ENDS_UNSEEN[name].search(source, inside) if inside >= 0 else None
        if end is None:
            endless.add(name)
            continue
        pieces += source[at : start.start()], " "
        at = look_at = end.end()
    return "".join((*pieces, source[at:]))
