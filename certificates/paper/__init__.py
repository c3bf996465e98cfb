"""The certificate on paper: its page, its QR code and its barcode."""
