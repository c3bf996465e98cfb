"""Addresses of `vaccination/closing/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
