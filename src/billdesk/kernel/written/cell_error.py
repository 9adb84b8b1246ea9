"""Why one written value cannot be used."""

from __future__ import annotations

from billdesk.kernel.errors import Place, Problem


class CellError(ValueError):
    """One written value cannot be used: `code` names the reason, `details` fill its sentence."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = tuple((name, str(value)) for name, value in details.items())

    def at(self, place: Place, value: object) -> Problem:
        """Tell where it happened."""
        return Problem(self.code, place, str(value), self.details)
