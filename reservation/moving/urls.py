"""Addresses of staff who change or cancel people's times; they hold keys of rows only."""

from django.urls import path

from reservation.moving import views

urlpatterns = [
    path("registrace/<int:registration_id>/terminy/", views.of_caller, name="times_of_caller"),
    path("kalendar/<uuid:site_id>/osoby/<int:registration_id>/terminy/", views.at_a_site, name="times_at_site"),
]
