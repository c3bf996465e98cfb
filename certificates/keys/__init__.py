"""Our keys: made, rotated, imported; the signer that signs with the current one."""
