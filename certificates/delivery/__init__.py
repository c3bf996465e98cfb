"""Certificates by e-mail as encrypted PDFs, their passwords by SMS."""
