"""Addresses of the mismatch desk; they hold keys of rows only."""

from django.urls import URLPattern, path

from registration.desk.mismatches import views

urlpatterns: list[URLPattern] = [
    path("", views.mismatches, name="mismatches"),
    path("<int:mismatch_id>/", views.mismatch, name="mismatch"),
    path("<int:mismatch_id>/doklad/", views.ask, name="mismatch_ask"),
    path("<int:mismatch_id>/cislo/", views.number, name="mismatch_number"),
]
