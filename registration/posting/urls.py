"""Addresses of printing and posting letters."""

from django.urls import path

from registration.posting import views

urlpatterns = [
    path("", views.batches, name="letters"),
    path("davka/", views.gather, name="gather_letters"),
    path("vracene/", views.mark_returned, name="letter_returned"),
    path("<int:batch_id>/", views.batch, name="letter_batch"),
    path("<int:batch_id>/tisk/", views.print_batch, name="print_letters"),
    path("<int:batch_id>/odeslano/", views.post_batch, name="post_letters"),
]
