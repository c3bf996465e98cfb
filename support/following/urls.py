"""Addresses of `support/following/`; they hold keys of rows only."""

from django.urls import URLPattern, path

from support.following import views

urlpatterns: list[URLPattern] = [
    # Files come here, so it stands in LARGER_BODIES of crs/settings.py and in deploy/nginx/nginx.conf.
    path("podpora/mista/zprava/", views.message, name="site_message"),
    path("podpora/mista/<uuid:site_id>/", views.tickets, name="site_tickets"),
    path("podpora/mista/<uuid:site_id>/novy/", views.new, name="new_site_ticket"),
    path("podpora/mista/<uuid:site_id>/<int:ticket_id>/", views.ticket, name="site_ticket"),
    path("podpora/mista/<uuid:site_id>/<int:ticket_id>/uzavreni/", views.close, name="close_site_ticket"),
    path("podpora/mista/<uuid:site_id>/soubory/<int:attachment_id>/", views.attachment, name="site_attachment"),
]
