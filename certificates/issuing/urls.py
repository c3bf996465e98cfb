"""Addresses of what is held."""

from django.urls import path

from certificates.issuing import views

urlpatterns = [
    path("certifikaty/podrzene/", views.held, name="held"),
    path("certifikaty/podrzene/<int:request_id>/", views.decide, name="decide_held"),
]
