"""Addresses of reservation, by subject. None holds a personal datum, and only `open_link` a secret."""

from django.urls import include, path

from reservation.walk.views import links

app_name = "reservation"
urlpatterns = [
    path("rezervace/", include("reservation.walk.urls")),
    path("o/<str:token>/", links.open_link, name="open_link"),
    path("volne-terminy/", include("reservation.report.urls")),
    path("personal/", include("reservation.postponing.urls")),
    path("personal/", include("reservation.moving.urls")),
    path("personal/kalendar/", include("reservation.site_calendar.urls")),
    path("personal/kalendar/", include("reservation.opening.urls")),
    path("personal/kalendar/", include("reservation.closing.urls")),
    path("personal/kalendar/", include("reservation.affected.urls")),
    path("personal/kalendar/", include("reservation.coverage.urls")),
    path("personal/", include("reservation.substitutes.urls")),
    path("personal/preplanovani/", include("reservation.replanning.urls")),
    path("personal/poradi/", include("reservation.inviting.urls")),
    path("personal/namatkova-kontrola/", include("reservation.audit.urls")),
]
