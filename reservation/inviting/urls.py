"""Addresses of PIN2 sent once more by staff, and of pauses; they hold keys of rows only."""

from django.urls import path

from reservation.inviting import views

urlpatterns = [
    path("registrace/<int:registration_id>/pin2/", views.of_caller, name="pin2_of_caller"),
]
