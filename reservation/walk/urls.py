"""Addresses of a citizen's way to a reservation."""

from django.urls import URLPattern, path

from reservation.walk.views import choice, confirmation, log_in, postponement, together

urlpatterns: list[URLPattern] = [
    path("", log_in.log_in, name="log_in"),
    path("misto/", choice.site, name="site"),
    path("misto/<uuid:site_id>/", choice.day, name="day"),
    path("misto/<uuid:site_id>/<isodate:on>/", choice.time, name="time"),
    path("drzet/", choice.hold, name="hold"),
    path("potvrdit/", confirmation.confirm, name="confirm"),
    path("hotovo/", confirmation.confirmed, name="confirmed"),
    path("potvrzeni.pdf", confirmation.pdf, name="pdf"),
    path("terminy.ics", confirmation.calendar, name="calendar"),
    path("odklad/", postponement.postponement, name="postponement"),
    path("odklad/zrusit/", postponement.withdraw, name="withdraw_postponement"),
    path("spolu/", together.add_companion, name="together"),
    path("spolu/zrusit/", together.alone, name="alone"),
    path("odhlasit/", log_in.log_out, name="log_out"),
]
