"""What the stories of certificates share with those of vaccination: a site with its team, stock and calendar."""

from tests.vaccination.stories.conftest import clock, team

__all__ = ["clock", "team"]
