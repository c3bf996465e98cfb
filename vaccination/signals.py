"""Signals for rooms above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# With `dose`, the row as it is now.
dose_recorded = Signal()
# The next two once for an operation, with `by`, who changed them (None: another system); all doses are those of one
# person, as they are now.
# With `doses`, at least one: the corrected one and those whose number follows. Another certificate is due.
dose_corrected = Signal()
# With `dose`, whose state is IN_ERROR, so that a certificate made for it is no longer true, and `moved`, the later ones
# that have moved up: they are as after a correction, and no other signal tells of them.
dose_annulled = Signal()
# With `person_id` and `now`: records of people were joined or taken apart, and all doses of the person, who is locked,
# are numbered and belong to them as they do now. No other signal tells of them.
doses_counted_anew = Signal()
