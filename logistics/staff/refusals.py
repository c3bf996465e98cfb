"""Which roles open a screen of the admin that was refused."""

from django.http import HttpRequest

from logistics.models import Role
from logistics.staff import permissions
from logistics.staff.admin_screens import StaffAdmin


def who_may_open(request: HttpRequest) -> list[str]:
    """The names of the roles that may do the act of the screen; none where nobody may, or it is no screen."""
    match = request.resolver_match
    screen = getattr(match and match.func, "model_admin", None)
    if match is None or screen is None:
        return []
    kind = (match.url_name or "").rpartition("_")[2]
    verb = {"add": "add", "delete": "delete"}.get(kind, "change" if request.method == "POST" else "view")
    act = f"{screen.opts.app_label}.{verb}_{screen.opts.model_name}"
    if isinstance(screen, StaffAdmin):
        act = {"view": screen.see, "add": screen.add, "change": screen.change, "delete": screen.delete}[verb] or ""
    if act not in permissions.acts():
        return []
    return [str(role.label) for role in Role if role in permissions.grant(act).roles]
