"""Addresses of the mismatch desk."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
