"""Parts of addresses with a meaning of their own."""

from datetime import date

from django.urls.converters import StringConverter


class IsoDateConverter(StringConverter):
    """A day such as 2027-01-15."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:  # type: ignore[override]
        """The day; ValueError means that the address does not exist. No calendar reaches to the ends of time."""
        day = date.fromisoformat(value)
        if not 2000 <= day.year < 2100:
            raise ValueError(value)
        return day

    def to_url(self, value: date) -> str:  # type: ignore[override]
        """The day as text."""
        return value.isoformat()
