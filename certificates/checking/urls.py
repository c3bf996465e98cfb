"""Addresses of the check."""

from django.urls import path

from certificates.checking import api, views

urlpatterns = [
    path("overeni/", views.check, name="check"),
    # Its longer bodies are named in LARGER_BODIES of crs/settings.py and in deploy/nginx/nginx.conf.
    path("overeni/soubor/", views.check_file, name="check_file"),
    path("overeni/cislo/", views.check_number, name="check_number"),
    path("api/verify/", api.verify, name="verify"),
]
