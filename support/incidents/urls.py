"""Addresses of known problems; they hold keys of rows only."""

from django.urls import URLPattern, path

from support.incidents import state_page, views

urlpatterns: list[URLPattern] = [
    path("stav/", state_page.state_page, name="state"),
    path("stav.json", state_page.state_json, name="state_json"),
    path("podpora/problemy/", views.incidents, name="incidents"),
    path("podpora/problemy/novy/", views.declare, name="declare_incident"),
    path("podpora/problemy/<int:incident_id>/", views.incident, name="incident"),
    path("podpora/problemy/<int:incident_id>/zmena/", views.change, name="change_incident"),
    path("podpora/problemy/<int:incident_id>/konec/", views.end, name="end_incident"),
    path("podpora/problemy/<int:incident_id>/znovu/", views.reopen, name="reopen_incident"),
    path("podpora/problemy/<int:incident_id>/odpoved/", views.answer, name="answer_incident"),
    path("podpora/problemy/odpovedi/<int:answer_id>/znovu/", views.try_again, name="try_answer_again"),
]
