"""What people type on the pages of logistics, a module per room of pages."""
