"""The evidence number of a certificate as a barcode (EAN-13)."""

from itertools import groupby

from barcode.ean import EAN13

from certificates.hcert import evidence_number

# Eleven dots of a printer of 600 to the inch; the norm wants 0.264 to 0.66 mm. With the usual eight a scan of 150 dots
# to the inch was read by chance, however it lay on the page (docs/adr/0027-certificates-on-paper.md).
MODULE_MM = 0.4657
HEIGHT_MM = 22.85
QUIET_LEFT, QUIET_RIGHT = 11, 7  # modules
# The guards reach down between the digits.
_GUARD_MM = 5 * MODULE_MM
_MODULES = QUIET_LEFT + 95 + QUIET_RIGHT
WIDTH_MM = _MODULES * MODULE_MM


def svg(number: str) -> bytes:
    """The bars of an EAN-13 as SVG in their printed size, quiet zones included; its digits are text beside it.

    Raises ValueError for what is no evidence number.
    """
    if not evidence_number.is_right(number):
        raise ValueError("This is no evidence number")
    (bars,) = EAN13(number, guardbar=True).build()
    height, guard = HEIGHT_MM / MODULE_MM, (HEIGHT_MM + _GUARD_MM) / MODULE_MM
    path, left = [], QUIET_LEFT
    for kind, run in groupby(bars):
        width = len(list(run))
        if kind != "0":
            path.append(f"M{left} 0h{width}v{guard if kind == 'G' else height:.2f}h-{width}z")
        left += width
    size = f'width="{WIDTH_MM:.3f}mm" height="{HEIGHT_MM + _GUARD_MM:.3f}mm" viewBox="0 0 {_MODULES} {guard:.2f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><path d="{"".join(path)}"/></svg>'.encode()
