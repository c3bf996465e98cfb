"""Tests of vaccination/demo."""
