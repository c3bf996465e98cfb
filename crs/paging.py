"""The pages of a list."""

from typing import Any

from django.core import paginator
from django.core.paginator import PageNotAnInteger


class Paginator(paginator.Paginator[Any]):
    """Django's, which would take '1_0' and '+5' for numbers of pages."""

    def validate_number(self, number: Any) -> int:
        """The number of a page that there is. Raises PageNotAnInteger, EmptyPage."""
        if isinstance(number, str) and not (number.isascii() and number.isdecimal() and len(number) <= 9):
            raise PageNotAnInteger
        return super().validate_number(number)
