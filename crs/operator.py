"""Who runs this portal and how they are reached: the settings `OPERATOR_…` and `HELP_LINE_ABROAD`, for the pages."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Operator:
    """Who runs the portal; an empty text where a setting is empty."""

    name: str
    address: str
    company_number: str
    email: str
    data_box: str
    protection_officer: str
    # The number of line 1221 for calls from abroad.
    line_abroad: str

    @property
    def line_abroad_dialled(self) -> str:
        """The number as a telephone dials it."""
        return "".join(sign for sign in self.line_abroad if sign.isdigit() or sign == "+")


def operator() -> Operator:
    """The operator as the settings name them."""
    return Operator(
        name=settings.OPERATOR_NAME,
        address=", ".join(part.strip() for part in settings.OPERATOR_ADDRESS.split(";") if part.strip()),
        company_number=settings.OPERATOR_COMPANY_NUMBER,
        email=settings.OPERATOR_EMAIL,
        data_box=settings.OPERATOR_DATA_BOX,
        protection_officer=settings.DATA_PROTECTION_OFFICER,
        line_abroad=settings.HELP_LINE_ABROAD,
    )
