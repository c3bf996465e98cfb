"""Addresses of re-plannings; they hold keys of rows only."""

from django.urls import path

from reservation.replanning import views

_ONE = "<int:replan_id>/"

urlpatterns = [
    path("", views.replans, name="replans"),
    path("nove/", views.start_replan, name="start_replan"),
    path(_ONE, views.replan, name="replan"),
    path(f"{_ONE}zverejnit/", views.publish_replan, name="publish_replan"),
    path(f"{_ONE}zahodit/", views.discard_replan, name="discard_replan"),
    path(f"{_ONE}vratit/", views.undo_replan, name="undo_replan"),
    path(f"{_ONE}obvolat/", views.replan_calls, name="replan_calls"),
    path(f"{_ONE}obvolat/<int:move_id>/", views.reached_by_call, name="reached_by_call"),
]
