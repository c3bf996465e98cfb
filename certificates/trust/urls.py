"""Addresses of the trust list."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
