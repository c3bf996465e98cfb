"""Addresses of the sample for an auditor."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
