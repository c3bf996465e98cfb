"""Addresses of the pages of sites for everybody."""

from django.urls import path

from logistics.sites import views

urlpatterns = [
    path("ockovaci-mista/", views.site_list, name="sites"),
    path("ockovaci-mista/<uuid:site_id>/", views.site, name="site"),
]
