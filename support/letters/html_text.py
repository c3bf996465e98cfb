"""The text of an HTML letter. Nothing in it is run, and nothing that it names is fetched."""

import json
import re
from dataclasses import dataclass

from crs.own_process import Busy, Lost
from support.letters import text_process
from support.letters.plain_html import plain_rule, unescaped

# A longer letter is cut: its text is seldom a tenth of it.
MOST_CHARACTERS = 2_000_000
# To wait for other letters, and again to read this one; a plain rule reads what takes longer.
SECONDS = 5.0

# What a mail program would load when it shows the letter: pictures, frames, style sheets, another page.
_REMOTE = re.compile(
    r"""<[a-z][^<>]{0,2000}?[\s"'/](?:src|srcset|background|poster|data|lowsrc|dynsrc)\s{0,9}=\s{0,9}["']?\s{0,9}(?:https?:|ftp:|//)"""
    r"""|<link\b[^<>]{0,2000}?\shref\s{0,9}=\s{0,9}["']?\s{0,9}(?:https?:|//)"""
    r"""|\burl\(\s{0,9}["']?\s{0,9}(?:https?:|//)|@import\b|http-equiv\s{0,9}=\s{0,9}["']?\s{0,9}refresh""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class HtmlText:
    """What an HTML letter says; if it is not complete, it was too long, or hard to read, and lost its layout."""

    text: str
    has_remote_content: bool
    is_complete: bool


def text_of_html(source: str) -> HtmlText:
    """The text of a letter, in no more than twice `SECONDS`, whatever it holds. It never raises."""
    is_whole = len(source) <= MOST_CHARACTERS
    source = source[:MOST_CHARACTERS]
    has_remote_content = _REMOTE.search(unescaped(source)) is not None
    try:
        answer = text_process.ask("html", source, seconds=SECONDS)
        text = str(json.loads(answer)["text"])
    except (Busy, Lost, ValueError, KeyError, TypeError):
        return HtmlText(plain_rule(source), has_remote_content, is_complete=False)
    if not text.strip() and (rest := plain_rule(source)):
        # An element that never ends swallowed all that follows it.
        return HtmlText(rest, has_remote_content, is_complete=False)
    return HtmlText(text, has_remote_content, is_whole)
