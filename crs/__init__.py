"""Floor 0 of the Central Reservation System: settings, addresses, Celery and what every room uses."""

import gc

# A process that starts makes a quarter of a million objects that stay. By default Python looks for rings among the
# young ones after every 700, and again and again among all: an eighth of the time of each start and of `migrate`.
gc.set_threshold(10_000, 10, 10)
