"""Signals for rooms above. A receiver runs in the transaction of the operation, and sends nothing itself."""

from django.dispatch import Signal

# Sent with `dose`, the row as it is now, and the last two with `by`, who changed it (None: another system). After an
# annulment its state is IN_ERROR, and a certificate made for it is no longer true; after a correction another is due.
dose_recorded = Signal()
dose_corrected = Signal()
dose_annulled = Signal()
