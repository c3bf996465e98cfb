"""Addresses of this subject; they hold keys of rows only."""

from django.urls import path

from reservation.coverage import views

urlpatterns = [
    path("vakcina/", views.of_sites, name="coverage_of_sites"),
    path("<uuid:site_id>/vakcina/", views.of_site, name="coverage"),
]
