"""Addresses of the check."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
