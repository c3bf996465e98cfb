"""Signals for rooms above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# Sent with `person_id` and `by` (None: the person themselves, or a machine) by whoever has changed what a document
# says of a person: a name, its spelling in Latin letters, the date of birth. The person's row is locked.
person_changed = Signal()
