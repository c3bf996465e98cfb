"""Printing and posting letters to people without a mobile telephone."""
