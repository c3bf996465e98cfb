"""The staff's start page, invitations and colleagues."""

from django.urls import path

from logistics.staff import start_page, views

urlpatterns = [
    path("personal/", start_page.account, name="account"),
    path("personal/pozvanka/", views.invitation, name="invitation"),
    path("personal/pozvanka/prijeti/", views.accept, name="accept"),
    path("personal/pozvanka/<uuid:invitation_id>/odvolat/", views.withdraw_invitation, name="withdraw_invitation"),
    path("personal/mista/<uuid:site_id>/", views.site_staff, name="site_staff"),
    path("personal/urady/", views.office_staff, name="office_staff"),
    path("personal/role/<int:role_id>/odebrat/", views.take_role, name="take_role"),
    path("personal/role/<int:role_id>/druhy-faktor/", views.reset_second_factor, name="reset_second_factor"),
]
