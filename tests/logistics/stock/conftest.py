"""What the tests of a store's screens share."""

from django.urls import reverse

from logistics.models import Store


def page(name: str, store: Store, *more: object) -> str:
    """The address of a page of the store."""
    return reverse(f"logistics:{name}", args=[store.pk, *more])
