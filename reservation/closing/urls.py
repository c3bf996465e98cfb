"""Addresses of a site's closures; they hold keys of rows and days only."""

from django.urls import path

from reservation.closing import views

_CLOSURES = "<uuid:site_id>/uzavreni/"
_CLOSURE = f"{_CLOSURES}<int:closure_id>/"

urlpatterns = [
    path(_CLOSURES, views.closures, name="closures"),
    path(f"{_CLOSURES}nove/", views.close_time, name="close_time"),
    path(_CLOSURE, views.closure, name="closure"),
    path(f"{_CLOSURE}zrusit/", views.lift, name="lift_closure"),
]
