"""Addresses of support, by subject. None of them holds a secret, a search or a personal datum."""

from django.urls import include, path

app_name = "support"
urlpatterns = [
    path("", include("support.incidents.urls")),
    path("", include("support.privacy.urls")),
    path("", include("support.figures.urls")),
    path("", include("support.desk.urls")),
    path("", include("support.following.urls")),
]
