"""Addresses of `vaccination/doses/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
