"""Addresses of the local inbox and of gateways that call back."""

from django.urls import path

from crs.messaging import views

app_name = "messaging"
urlpatterns = [
    path("inbox/", views.show_inbox, name="inbox"),
    path("inbox/<int:message_id>/<str:name>", views.show_attachment, name="attachment"),
    path("zpravy/twilio/", views.twilio_status, name="twilio_status"),
]
