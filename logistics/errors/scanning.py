"""Why a scanned code is refused."""
