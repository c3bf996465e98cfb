"""Addresses of `support/figures/`."""

from django.urls import URLPattern, path

from support.figures import views

urlpatterns: list[URLPattern] = [
    path("podpora/prehled/", views.figures, name="figures"),
    path("podpora/prehled.csv", views.table, name="figures_table"),
]
