"""Addresses of `vaccination/vials/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
