"""Addresses of logistics, by subject."""

from django.urls import include, path

app_name = "logistics"
urlpatterns = [
    path("", include("logistics.sites.urls")),
    path("", include("logistics.staff.urls")),
    path("", include("logistics.stock.urls")),
    path("", include("logistics.reports.urls")),
]
