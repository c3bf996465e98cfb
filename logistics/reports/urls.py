"""Addresses of the reports of stock, as pages and as files."""

from django.urls import path

from logistics.reports import views

urlpatterns = [
    path("sklad/prehled/", views.overview, name="overview"),
    path("sklad/prehled/<slug:name>.csv", views.table, name="overview_csv"),
    path("sklad/prehled/kraj/<slug:code>/", views.region, name="region_report"),
    path("sklad/prehled/kraj/<slug:code>/<slug:name>.csv", views.table, name="region_csv"),
    path("sklad/prehled/misto/<int:store_id>/", views.store, name="store_report"),
    path("sklad/prehled/misto/<int:store_id>/<slug:name>.csv", views.table, name="store_csv"),
]
