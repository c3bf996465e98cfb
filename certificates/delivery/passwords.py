"""The passwords of encrypted PDFs: typed by people from the display of an old telephone.

Left out are 0 and o, 1, l and i, 5 and s, 2 and z, 8 and b, 9, g and q, u and v, y (beside z on a Czech keyboard),
and 'rn', which reads as m. There are no capitals, so that nobody looks for Shift, and no signs, so that a double tap
marks the whole password. It is written in one piece: people copy the spaces of groups.
"""

import secrets

ALPHABET = "acdefhjkmnprtwx3467"
# 46.7 bits, and the PDF's own derivation of the key makes each guess cost some thousand hashes.
LENGTH = 11


def new() -> str:
    """A new random password."""
    while True:
        password = "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH))
        if "rn" not in password:
            return password
