"""Addresses of reservation."""

from django.urls import URLPattern

app_name = "reservation"
urlpatterns: list[URLPattern] = []
