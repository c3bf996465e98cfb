"""Keeps birth numbers out of every log line."""

import logging
import re

# Nine or ten digits, with a slash or a space or neither: the shape of a birth number. Telephone numbers
# written without the country look alike and are hidden with them, which a log can do without.
_PERSONAL = re.compile(r"(?<!\d)\d{6}[/ ]?\d{3,4}(?!\d)")


class HidePersonalNumbers(logging.Filter):
    """Replaces whatever looks like a birth number by `[hidden]`, in the text and in a traceback's."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always lets it through."""
        record.msg = _PERSONAL.sub("[hidden]", record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _PERSONAL.sub("[hidden]", record.exc_text)
        return True
