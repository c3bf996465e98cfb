"""Addresses of `vaccination/observation/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
