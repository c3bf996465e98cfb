"""Addresses of reservation. None of them holds a secret or a personal datum."""

from datetime import date

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from reservation.views import choice, confirmation, log_in


class IsoDateConverter(StringConverter):
    """A day such as 2027-01-15."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:  # type: ignore[override]
        """The day; ValueError means that the address does not exist."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:  # type: ignore[override]
        """The day as text."""
        return value.isoformat()


register_converter(IsoDateConverter, "isodate")

app_name = "reservation"
urlpatterns = [
    path("", log_in.log_in, name="log_in"),
    path("misto/", choice.site, name="site"),
    path("misto/<uuid:site_id>/", choice.day, name="day"),
    path("misto/<uuid:site_id>/<isodate:on>/", choice.time, name="time"),
    path("drzet/", choice.hold, name="hold"),
    path("potvrdit/", confirmation.confirm, name="confirm"),
    path("hotovo/", confirmation.confirmed, name="confirmed"),
    path("potvrzeni.pdf", confirmation.pdf, name="pdf"),
    path("terminy.ics", confirmation.calendar, name="calendar"),
    path("odhlasit/", log_in.log_out, name="log_out"),
]
