"""Staff's accounts, invitations and colleagues."""

from django.urls import path

from logistics.staff import start_page, views
from logistics.views import forgotten_password

urlpatterns = [
    path("personal/", start_page.account, name="account"),
    path("personal/prihlaseni/", start_page.log_in, name="log_in"),
    path("personal/kod/", start_page.code, name="code"),
    path("personal/nastaveni/", start_page.set_up, name="set_up"),
    path("personal/odhlaseni/", start_page.log_out, name="log_out"),
    path("personal/heslo/", start_page.password, name="password"),
    path("personal/zapomenute-heslo/", forgotten_password.ask, name="forgotten_password"),
    path("personal/zapomenute-heslo/kod/", forgotten_password.code, name="reset_code"),
    path("personal/zapomenute-heslo/nove/", forgotten_password.choose, name="new_password"),
    path("personal/zalozni-kody/", start_page.recovery_codes, name="recovery_codes"),
    path("personal/aplikace/", start_page.device, name="device"),
    path("personal/pozvanka/", views.invitation, name="invitation"),
    path("personal/pozvanka/prijeti/", views.accept, name="accept"),
    path("personal/mista/<uuid:site_id>/", views.site_staff, name="site_staff"),
    path("personal/urady/", views.office_staff, name="office_staff"),
    path("personal/role/<int:role_id>/odebrat/", views.take_role, name="take_role"),
    path("personal/role/<int:role_id>/druhy-faktor/", views.reset_second_factor, name="reset_second_factor"),
]
