"""Addresses of the form and of what follows it."""

from django.urls import path

from registration.applying import views

urlpatterns = [
    path("formular/", views.form, name="form"),
    path("kontrola/", views.review, name="review"),
    path("hotovo/", views.done, name="done"),
]
