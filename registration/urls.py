"""Addresses of registration. None of them carries a secret or anything about a person."""

from django.urls import path

from registration import views

app_name = "registration"
urlpatterns = [
    path("", views.phone, name="phone"),
    path("pin/", views.pin, name="pin"),
    path("pin/znovu/", views.resend, name="resend"),
    path("formular/", views.form, name="form"),
    path("hotovo/", views.done, name="done"),
    path("prehled/", views.existing, name="existing"),
    path("konec/", views.finish, name="finish"),
]
