"""Proven telephones, persons, registrations, priority groups, codes, and checks with registers."""

from registration.models.access import PersonLook, RegistrationExport
from registration.models.codes import CodeBatch, CodeUse, RegistrationCode
from registration.models.groups import GroupRule, OpeningReminder, PriorityGroup
from registration.models.people import Person, surname_first
from registration.models.registers import HealthWorkerRecord, InsuredRecord, Mismatch, Register, RegisterCheck
from registration.models.registrations import (
    EmailProof,
    EndingReason,
    LineRequest,
    PersonCorrection,
    PersonMerge,
    PriorityClaim,
    Registration,
    RegistrationClaim,
)
from registration.models.replays import ReplayedRow
from registration.models.telephones import PIN_VALIDITY, PhonePin, PhoneVerification, SmsAlarm

__all__ = [
    "PIN_VALIDITY",
    "CodeBatch",
    "CodeUse",
    "EmailProof",
    "EndingReason",
    "GroupRule",
    "HealthWorkerRecord",
    "InsuredRecord",
    "LineRequest",
    "Mismatch",
    "OpeningReminder",
    "Person",
    "PersonCorrection",
    "PersonLook",
    "PersonMerge",
    "PhonePin",
    "PhoneVerification",
    "PriorityClaim",
    "PriorityGroup",
    "Register",
    "RegisterCheck",
    "Registration",
    "RegistrationClaim",
    "RegistrationCode",
    "RegistrationExport",
    "ReplayedRow",
    "SmsAlarm",
    "surname_first",
]
