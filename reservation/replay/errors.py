"""Why the campaign is not replayed. Only the command shows it, so it is in English."""

from crs.errors import DomainError


class PeopleAreReal(DomainError):
    """Somebody is registered who was not made up."""

    message = (
        "This database has people who were not made up: they would lose their seats to others. Replay into a database "
        "of its own, such as EMBEDDED_DATABASE=replay, after `manage.py migrate`."
    )


class NothingToReplay(DomainError):
    """No file of the folder is one of seats of a wanted month."""

    message = "There is no reservation-capacity-YYYY-MM.csv or .csv.gz of these months in the folder."


class AlreadyReplaying(DomainError):
    """Another replay, or what is left of a killed one, still works on the database."""

    message = "Another replay works on this database. Wait for its end, or try again in half a minute."


class WorkerFailed(DomainError):
    """A process of the replay ended, or met what no rule explains."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.message = f"A process of the replay failed; start it again, and it goes on. {what}"
