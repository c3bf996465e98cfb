"""Addresses of `vaccination/questions/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
