"""Support: two help desks that answer the sender's e-mail."""
