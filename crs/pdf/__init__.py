"""Papers: a template and its style sheet, set as PDF/UA-1 by a process of its own (docs/adr/0007-paper.md)."""
