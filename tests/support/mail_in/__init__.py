"""Tests of letters that come in."""
