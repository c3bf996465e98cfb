"""The screens of doses: one to give them, one for each record, one to correct it, and the lists."""
