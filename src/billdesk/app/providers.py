"""Which queries of the services feed the shell: palette, outbox line, entity card."""

from __future__ import annotations

from billdesk.ui.shell.providers import Providers


def providers() -> Providers:
    """Give the queries the shell may use."""
    return Providers()
