"""English formats, with the day before the month, as every page that spells its format has it."""

from crs.formats import formats_of
from crs.no_break import unbroken_date

DATE_FORMAT = unbroken_date("j F Y")
DATETIME_FORMAT = unbroken_date("j F Y, H:i")

__getattr__ = formats_of("en")
