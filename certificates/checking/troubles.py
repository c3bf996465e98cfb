"""What to do where no code was read from a file, in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certificates.checking.found import Trouble


@dataclass(frozen=True)
class Words:
    """The answer in one line, and what to do."""

    title: str | Promise
    advice: str | Promise


_WORDS = {
    Trouble.NO_CODE: Words(
        _("We found no code in the file"),
        _(
            "Take the photograph from straight above, in good light, so that the whole square code is sharp and fills "
            "a half of the picture."
        ),
    ),
    Trouble.ANOTHER_CODE: Words(
        _("The code in the file is not one of a certificate"),
        _("Photograph the large square code of the EU certificate. Other codes on papers and packs say nothing here."),
    ),
    Trouble.SEVERAL: Words(
        _("There are several certificates in the file"),
        _("Please send them one by one, so that it is clear to which one the answer belongs."),
    ),
    Trouble.NEEDS_PASSWORD: Words(
        _("The PDF is locked with a password"),
        _(
            "Choose the file once more and write its password into the field below it. The password of our "
            "certificates came by SMS or on paper. We use it for this check only and keep it nowhere."
        ),
    ),
    Trouble.WRONG_PASSWORD: Words(
        _("The password does not open the PDF"),
        _(
            "The password of our certificates has small letters and digits only. Please copy it from the newest SMS or "
            "from the paper, and choose the file once more. Each e-mail has a password of its own."
        ),
    ),
    Trouble.HEIC: Words(
        _("We cannot read photographs of the kind HEIC"),
        _(
            "Take a picture of the screen (a screenshot) and send that one, use the camera on this page, or let the "
            "telephone save photographs as JPEG (in the settings of the camera: most compatible)."
        ),
    ),
    Trouble.UNKNOWN_FORMAT: Words(
        _("This is neither a picture nor a PDF that we know"),
        _("Please send a photograph (JPEG, PNG, WebP, GIF or BMP) or a PDF."),
    ),
    Trouble.TOO_LARGE: Words(
        _("The picture has too many points"),
        _("Please cut out the part with the square code, or take a picture of the screen, and send that."),
    ),
    Trouble.TOO_MUCH_WORK: Words(
        _("The file was too much work to read"),
        _("Please take a photograph of the square code, or a picture of the screen with it, and send that."),
    ),
    Trouble.BROKEN: Words(
        _("The file cannot be opened"),
        _("It may be damaged or not whole. Please save it anew, or take a photograph of the code, and send that."),
    ),
}


def words(trouble: Trouble) -> Words:
    """The words for it."""
    return _WORDS[trouble]
