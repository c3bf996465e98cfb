"""EU certificates as texts: made, signed, and checked by one pure function; no database, no Django."""
