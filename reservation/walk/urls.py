"""Addresses of a citizen's way to a reservation."""

from django.urls import URLPattern, path

from reservation.walk.views import (
    choice,
    confirmation,
    log_in,
    moving,
    pin2,
    postponement,
    seat_offer,
    substitute,
    waiting_list,
)
from reservation.walk.views import choice, confirmation, log_in, postponement, replanned
from reservation.walk.views import choice, confirmation, log_in, moving, pin2, postponement, seat_offer, waiting_list

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
    path("zmena/", moving.changes, name="changes"),
    path("zmena/<int:dose>/", moving.move, name="move"),
    path("zmena/<int:dose>/misto/", moving.site, name="move_site"),
    path("zmena/<int:dose>/misto/<uuid:site_id>/", moving.day, name="move_day"),
    path("zmena/<int:dose>/misto/<uuid:site_id>/<isodate:on>/", moving.time, name="move_time"),
    path("zrusit/", moving.cancel, name="cancel"),
    path("nemohu-prijit/", moving.cannot_come, name="cannot_come"),
    path("odklad/", postponement.postponement, name="postponement"),
    path("odklad/zrusit/", postponement.withdraw, name="withdraw_postponement"),
    path("nabidka/", seat_offer.seat_offer, name="seat_offer"),
    path("cekaci-listina/", waiting_list.waiting_list, name="waiting_list"),
    path("pin2/", pin2.my_pin2, name="my_pin2"),
    path("nahradnik/", substitute.substitute, name="substitute"),
    path("nahradnik/vyzva/", substitute.substitute_offer, name="substitute_offer"),
    path("nahradnik/<slug:key>/", substitute.my_substitute, name="my_substitute"),
    path("presunuto/", replanned.replanned, name="replanned"),
    path("presunuto/vyhovuje/", replanned.accept_time, name="accept_replanned"),
    path("presunuto/<int:move_id>/jiny/", replanned.choose_time, name="choose_replanned"),
    path("odhlasit/", log_in.log_out, name="log_out"),
]
