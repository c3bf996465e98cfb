"""Addresses of the report of free capacity, which is for everybody."""

from django.urls import path

from reservation.report import views

urlpatterns = [
    path("", views.page, name="report"),
    path("data.json", views.data, name="report_json"),
    path("tabulka.csv", views.table, name="report_csv"),
]
