"""What rooms above add to the page of a confirmed reservation, in `AppConfig.ready`."""

_templates: dict[int, str] = {}


def add(position: int, template: str) -> None:
    """Show `template` as a section; the lowest `position` comes first. Raises ValueError where it is taken."""
    if position in _templates:
        raise ValueError(f"There is a section at {position} already.")
    _templates[position] = template


def templates() -> list[str]:
    """The templates of all sections, in the order of the page."""
    return [_templates[position] for position in sorted(_templates)]
