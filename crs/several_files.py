"""A field for several files (`crs.uploads` says on which pages)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# As many as `DATA_UPLOAD_MAX_NUMBER_FILES`; their bytes fit into mailboxes and into `LARGER_BODIES`.
MOST_FILES = 10
LARGEST_TOGETHER = 10 * 1024 * 1024


class FilesInput(forms.ClearableFileInput):
    """A field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each with its name and some content; an empty list where there is none."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files that were sent. Raises ValidationError."""
        files = [super(FilesField, self).clean(one, initial) for one in data or ()]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(_("These are more than 10 files. Send them in two messages."))
        if sum(one.size for one in files) > LARGEST_TOGETHER:
            raise forms.ValidationError(
                _("The files have more than 10 MB together. Leave one out, or make it smaller.")
            )
        return files
