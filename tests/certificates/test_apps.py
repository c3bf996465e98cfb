"""What the room tells the others at start-up."""

from pathlib import Path

from django.conf import settings

ROOM = Path(settings.BASE_DIR) / "certificates"


def test_the_tasks_of_each_subject_are_known_to_workers() -> None:
    """Not asked of Celery: another test may have imported them."""
    told = (ROOM / "apps.py").read_text()
    subjects = sorted(path.parent.name for path in ROOM.glob("*/tasks.py"))
    assert subjects
    assert not [subject for subject in subjects if f"from certificates.{subject} import tasks" not in told]
