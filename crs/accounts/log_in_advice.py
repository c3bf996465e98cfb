"""The advice below the form to log in, to which rooms above add theirs in `AppConfig.ready`."""

_templates = {20: "accounts/advice/forgotten_password.html"}


def add(position: int, template: str) -> None:
    """Show `template`, an item of the list; the lowest `position` comes first. Raises ValueError where it is taken."""
    if position in _templates:
        raise ValueError(f"There is advice at {position} already.")
    _templates[position] = template


def templates() -> list[str]:
    """The templates of all advice, in the order of the page."""
    return [_templates[position] for position in sorted(_templates)]
