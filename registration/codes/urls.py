"""Addresses of registration codes: for the ministry, and for those who were given them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
