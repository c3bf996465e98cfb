"""The screens of the admin; each subject has its own."""

from vaccination.questions import admin as questions

__all__ = ["questions"]
