"""Addresses of the sample for an auditor; they hold the question and keys of rows only."""

from django.urls import path

from reservation.audit import views

urlpatterns = [
    path("", views.sample, name="audit"),
    path("soubor/", views.sample_file, name="audit_file"),
    path("<uuid:reservation_id>/", views.reservation, name="audit_reservation"),
]
