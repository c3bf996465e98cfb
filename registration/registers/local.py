"""Registers kept in this database, as commands have imported them."""

from django.db.models import F

from registration.models import HealthWorkerRecord, InsuredRecord
from registration.people.insured_number import lookup_hash
from registration.registers.asking import HealthWorker, Insured, RegisterAway


class LocalInsurersRegister:
    """The insurers' register of `import_insured`."""

    def look_up(self, number: str) -> Insured | None:
        """The insured person with this number. Raises RegisterAway where nothing was imported."""
        record = InsuredRecord.objects.filter(number_hash=lookup_hash(number)).first()
        if record is None:
            # Empty, it would say of everybody that nobody knows them.
            if not InsuredRecord.objects.exists():
                raise RegisterAway("nothing was imported yet")
            return None
        return Insured(
            first_name=record.first_name,
            last_name=record.last_name,
            birth_date=record.birth_date,
            insurer=record.insurer,
            insured_until=record.insured_until,
            died_on=record.died_on,
        )

    def close(self) -> None:
        """There is nothing to close."""


class LocalHealthWorkersRegister:
    """The register of health workers of `import_health_workers`."""

    def look_up(self, number: str) -> HealthWorker | None:
        """The worker with this number; of several records the one that lasts longest. Raises RegisterAway."""
        found = HealthWorkerRecord.objects.filter(number_hash=lookup_hash(number))
        record = found.order_by(F("until").desc(nulls_first=True), "worker_number").first()
        if record is None:
            if not HealthWorkerRecord.objects.exists():
                raise RegisterAway("nothing was imported yet")
            return None
        return HealthWorker(
            worker_number=record.worker_number,
            first_name=record.first_name,
            last_name=record.last_name,
            profession=record.profession,
            facility=record.facility,
            until=record.until,
        )

    def close(self) -> None:
        """There is nothing to close."""
