"""Addresses of vaccination, by subject. None of them holds a secret or a personal datum."""

from django.urls import include, path

app_name = "vaccination"
urlpatterns = [
    path("", include("vaccination.visits.urls")),
    path("", include("vaccination.team.urls")),
    path("", include("vaccination.questions.urls")),
    path("", include("vaccination.vials.urls")),
    path("", include("vaccination.doses.urls")),
    path("", include("vaccination.observation.urls")),
    path("", include("vaccination.closing.urls")),
    path("", include("vaccination.timeline.urls")),
]
