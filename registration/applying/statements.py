"""What was typed about a person, kept as text for the operators of line 1221; encrypted by the field that keeps it."""

import json
from typing import TYPE_CHECKING, Any

from registration.people.insured_number import InsuredNumber

if TYPE_CHECKING:
    from registration.applying.registering import Details


def of(details: "Details") -> str:
    """All statements of the form as JSON. Codes are left out: each is used up, or was not looked at."""
    person, guardian = details.person, details.guardian
    identity = person.identity
    known_by = (
        {"insured_number": identity.digits}
        if isinstance(identity, InsuredNumber)
        else {
            "document_type": identity.type,
            "document_country": identity.country,
            "document_number": identity.number,
        }
    )
    said: dict[str, Any] = {
        **known_by,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
        **person.contact,
        "email": details.email,
        "sites": [str(site.pk) for site in details.sites],
        "reason": details.reason.pk if details.reason else "",
        "has_code": bool(details.code),
        "guardian_name": guardian.name if guardian else "",
        "guardian_relation": guardian.relation if guardian else "",
        "is_immobile": details.home_district is not None,
        "home_district": details.home_district.pk if details.home_district else "",
    }
    return json.dumps(said, ensure_ascii=False)


def name_in(text: str) -> str:
    """The name of the person in statements that were kept."""
    said = json.loads(text)
    return f"{said['first_name']} {said['last_name']}".strip()
