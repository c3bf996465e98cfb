"""Stations and health workers of a site."""
