"""What the stories of certificates share with those of vaccination: a site with its team, stock and calendar."""

from tests.vaccination.stories.conftest import clock, team

from tests.certificates.issuing.conftest import codes  # TEMP

__all__ = ["clock", "codes", "team"]
