"""Addresses of reservation, by subject. None of them holds a secret or a personal datum."""

from django.urls import include, path

app_name = "reservation"
urlpatterns = [
    path("rezervace/", include("reservation.walk.urls")),
    path("volne-terminy/", include("reservation.report.urls")),
    path("personal/", include("reservation.postponing.urls")),
    path("personal/kalendar/", include("reservation.site_calendar.urls")),
    path("personal/kalendar/", include("reservation.opening.urls")),
    path("personal/kalendar/", include("reservation.closing.urls")),
    path("personal/kalendar/", include("reservation.affected.urls")),
    path("personal/kalendar/", include("reservation.coverage.urls")),
]
