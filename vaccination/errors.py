"""The base of this room's refusals; each subject has its own in its `errors.py`."""

from crs.errors import DomainError


class VaccinationError(DomainError):
    """Something in a site's day is refused."""

    way_back = "vaccination:home"
