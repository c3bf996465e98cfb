"""Addresses of the operators' pages about registrations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
