"""Formats of dates that no line breaks, in every language (`FORMAT_MODULE_PATH`).

Django asks the module of a language for each format by its name, and a format that a template or a view spells out
('j. n. Y') has itself for a name. The answer is kept, so it costs nothing.
"""

from collections.abc import Callable
from importlib import import_module

from crs.no_break import unbroken_date


def formats_of(language: str) -> Callable[[str], str]:
    """The `__getattr__` of the language's module."""
    django = import_module(f"django.conf.locale.{language}.formats")

    def whole_format(name: str) -> str:
        known = getattr(django, name, None) if name.endswith("_FORMAT") else name
        if isinstance(known, str) and (whole := unbroken_date(known)) != known:
            return whole
        raise AttributeError(name)

    return whole_format
