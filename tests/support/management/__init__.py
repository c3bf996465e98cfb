"""Tests of the commands of support."""
