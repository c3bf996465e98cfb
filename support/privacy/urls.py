"""Addresses of `support/privacy/`."""

from django.urls import URLPattern, path

from support.privacy import views

urlpatterns: list[URLPattern] = [
    path("podpora/pozadavky/<int:ticket_id>/souvislost/", views.link, name="link"),
    path("podpora/pozadavky/<int:ticket_id>/souvislost/<int:link_id>/zrusit/", views.unlink, name="unlink"),
    path("podpora/pozadavky/<int:ticket_id>/prubeh/<int:link_id>/", views.timeline, name="timeline"),
    path("podpora/nahlednuti/", views.log, name="looks"),
    path("podpora/nahlednuti/<int:ticket_id>/", views.log, name="looks_at_ticket"),
]
