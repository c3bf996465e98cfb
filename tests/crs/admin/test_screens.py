"""What all screens of the admin answer alike."""

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory
from django.urls import reverse

NO_KEYS = ("é", "\0", "a word", "", "9" * 30, "-1", "1.5", "00000000-0000-0000-0000-00000000000")


def _actions() -> list[tuple[str, str]]:
    """The addresses of all lists, each with every action on it."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="admin")
    return [
        (reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), action)
        for model, screen in admin.site._registry.items()
        for action in screen.get_actions(request)
    ]


def test_what_can_be_no_key_is_not_chosen(admin_client: Client) -> None:
    actions = _actions()
    assert {"delete_selected", "send_again"} <= {action for _address, action in actions}
    for address, action in actions:
        answer = admin_client.post(address, {"action": action, "_selected_action": NO_KEYS})
        assert answer.status_code in (200, 302), (address, action)


def test_the_other_rows_stay_chosen(admin_client: Client) -> None:
    first, second = Group.objects.create(name="first"), Group.objects.create(name="second")
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": ["é", str(first.pk), "\0"]}
    admin_client.post(reverse("admin:auth_group_changelist"), chosen)
    assert list(Group.objects.filter(pk__in=[first.pk, second.pk])) == [second]


def test_a_search_by_address_is_cleaned_as_every_field_is(admin_client: Client) -> None:
    answer = admin_client.get(reverse("admin:auth_user_changelist"), {"q": "\u202aad\u00admin\u202c\ufe0f"})
    assert answer.context["cl"].result_count == 1
