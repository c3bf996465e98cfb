"""Proven telephones, persons, registrations and priority groups."""

from registration.models.groups import PriorityGroup
from registration.models.people import Person, surname_first
from registration.models.registrations import Registration, RegistrationClaim
from registration.models.telephones import PIN_VALIDITY, PhonePin, PhoneVerification, SmsAlarm

__all__ = [
    "PIN_VALIDITY",
    "Person",
    "PhonePin",
    "PhoneVerification",
    "PriorityGroup",
    "Registration",
    "RegistrationClaim",
    "SmsAlarm",
    "surname_first",
]
