"""Addresses of `vaccination/timeline/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
