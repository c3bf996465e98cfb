"""Vietnamese formats."""

from crs.formats import formats_of

__getattr__ = formats_of("vi")
