"""Addresses of calls to substitutes, for staff of a site, and for the operators of line 1221; keys of rows only."""

from django.urls import path

from reservation.substitutes import views

_CALLS = "kalendar/<uuid:site_id>/nahradnici/"
_CALL = f"{_CALLS}<int:call_id>/"

urlpatterns = [
    path(_CALLS, views.calls, name="substitute_calls"),
    path(_CALL, views.call, name="substitute_call"),
    path(f"{_CALL}odpoved/<int:offer_id>/", views.answer, name="answer_for_substitute"),
    path(f"{_CALL}konec/", views.end, name="end_substitute_call"),
    path("registrace/<int:registration_id>/nahradnik/", views.of_caller, name="substitute_of_caller"),
]
