"""The page on which a form stood that could not be taken: whoever sent it goes on from there."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_of_form(request: HttpRequest) -> str:
    """The path of the page from which the form came, as the browser says; else of the page that it was sent to.

    Some addresses take forms only, so the one that the form was sent to is the second choice.
    """
    came_from = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(came_from, allowed_hosts=hosts, require_https=request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(came_from)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if path.startswith("/") and not path.startswith("//") else request.get_full_path()
