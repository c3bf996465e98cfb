"""Whether one telephone looks after anybody; the list is `registration.mine`."""

from django.db import connection

# As text, because every form asks it (docs/performance.md).
_ANY = """
SELECT EXISTS (SELECT FROM registration_registration WHERE phone = %(phone)s)
    OR EXISTS (SELECT FROM registration_registrationclaim WHERE phone = %(phone)s AND resolved_at IS NULL)
    OR EXISTS (SELECT FROM registration_linerequest WHERE phone = %(phone)s AND resolved_at IS NULL)
"""


def is_any(phone: str) -> bool:
    """Whether `phone` has registered anybody: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY, {"phone": phone})
        (is_there,) = cursor.fetchone() or (False,)
    return bool(is_there)
