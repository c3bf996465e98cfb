"""Addresses of staff who postpone doses for people; they hold keys of rows only."""

from django.urls import path

from reservation.postponing import views

urlpatterns = [
    path("registrace/<int:registration_id>/odklad/", views.of_caller, name="postponement_of_caller"),
    path("kalendar/<uuid:site_id>/osoby/<int:registration_id>/odklad/", views.at_a_site, name="postponement_at_site"),
]
