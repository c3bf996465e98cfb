"""Signals for rooms above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# Sent with `person_id` and `by` (None: the person themselves, or a machine) by whoever has changed what a document
# says of a person: a name, its spelling in Latin letters, the date of birth. The person's row is locked.
person_changed = Signal()

# Sent with `registration_id` and `now` by whoever has ended a registration: what was reserved for it is given back, and
# a receiver returns True where it gave anything back, so that the person is told. The registration's row is locked.
registration_ended = Signal()

# Sent with `kept_id` and `joined_id` (persons) by whoever is about to join two records, before anything is given back:
# a receiver locks in one pass what the end of one registration and the counting anew of the other will touch. Both
# persons and their standing registrations are locked.
people_merging = Signal()

# Sent with `kept_id` and `joined_id` (persons) by whoever has joined two records, or taken them apart again. Both rows
# are locked, the lower key first.
people_merged = Signal()

# Sent with `registration_id` and `now` by whoever has opened an ended registration again, so that the room above counts
# the doses anew that it has recorded meanwhile. The person's row and the registration's are locked.
registration_reopened = Signal()
