"""From when on a reader of a list wants what is new."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from certificates.hcert.moments import moment_in
from crs.open_answers import plain


class NotAMoment(ValueError):
    """`If-Modified-Since` is no date."""

    def answer(self) -> HttpResponse:
        """Say how it is written: a reader who got everything instead would never learn of the mistake."""
        return plain("If-Modified-Since is no moment. It looks like this: 2021-06-01T00:00:00Z\n", status=400)


def asked_since(request: HttpRequest) -> datetime | None:
    """The moment of `If-Modified-Since`, as the EU's programs write it (ISO 8601) or as HTTP has it; None without one.

    Raises NotAMoment.
    """
    text = request.headers.get("If-Modified-Since", "").strip()
    if not text:
        return None
    moment = moment_in(text)
    if moment is None:
        raise NotAMoment
    return moment
