"""Addresses of `vaccination/visits/`."""

from django.urls import URLPattern, path

from vaccination.visits import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("<uuid:site_id>/", views.day, name="day"),
]
