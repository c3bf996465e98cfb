"""The screens of the admin; each subject has its own."""

from vaccination.observation import admin as observation
from vaccination.questions import admin as questions

__all__ = ["observation", "questions"]
