"""Pages of logistics, a module per room of pages."""
