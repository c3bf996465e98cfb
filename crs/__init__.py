"""The project: settings, addresses, and what all rooms stand on."""

import gc

# While a process starts it makes hundreds of thousands of objects and no garbage; Python's collector would look at them
# again and again, a tenth of the time of the start.
gc.set_threshold(20_000, 20, 50)
