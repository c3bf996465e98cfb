"""Addresses of `vaccination/observation/`."""

from django.urls import URLPattern, path

from vaccination.observation import event_views, views

_EVENTS = "<uuid:site_id>/nezadouci-udalosti/"
_EVENT = f"{_EVENTS}<uuid:event_id>/"

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/sledovani/", views.observation, name="observation"),
    path("<uuid:site_id>/sledovani/<uuid:visit_id>/odchod/", views.leave, name="leave"),
    path("<uuid:site_id>/sledovani/<uuid:visit_id>/navrat/", views.take_leave_back, name="take_leave_back"),
    path("<uuid:site_id>/sledovani/<uuid:visit_id>/prodlouzit/", views.prolong, name="prolong"),
    path("<uuid:site_id>/doba-sledovani/", views.observation_time, name="observation_time"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/nezadouci-udalost/", event_views.report_event, name="report_event"),
    path(_EVENTS, event_views.events, name="events"),
    path(_EVENT, event_views.event, name="event"),
    path(f"{_EVENT}doplnit/", event_views.add_to_event, name="add_to_event"),
    path(f"{_EVENT}reakce/<int:reaction_id>/", event_views.correct_outcome, name="correct_outcome"),
    path(f"{_EVENT}zrusit/", event_views.nullify_event, name="nullify_event"),
    path(f"{_EVENT}hlaseni.pdf", event_views.event_pdf, name="event_pdf"),
]
