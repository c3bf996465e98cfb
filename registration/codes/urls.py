"""Addresses of registration codes: for the ministry, and for those who were given them."""

from django.urls import URLPattern, path

from registration.codes import holder_views, views

urlpatterns: list[URLPattern] = [
    path("personal/kody/", views.codes, name="codes"),
    path("personal/kody/hledani/", views.search, name="codes_search"),
    path("personal/kody/nova/", views.issue, name="issue_codes"),
    path("personal/kody/<int:batch_id>/", views.batch, name="code_batch"),
    path("personal/kody/<int:batch_id>/soubor/", views.file, name="code_file"),
    path("personal/kody/<int:batch_id>/zruseni/", views.revoke_batch, name="revoke_batch"),
    path("personal/kody/<int:batch_id>/<int:code_id>/zruseni/", views.revoke_code, name="revoke_code"),
    path("kody/", holder_views.key, name="code_key"),
    path("kody/davka/", holder_views.batch, name="held_batch"),
    path("kody/davka/<int:code_id>/zruseni/", holder_views.revoke, name="revoke_held_code"),
    path("kody/konec/", holder_views.finish, name="leave_batch"),
]
