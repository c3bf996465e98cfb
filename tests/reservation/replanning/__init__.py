"""Tests of re-planning."""
