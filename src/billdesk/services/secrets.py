"""Passwords live in the system's keyring and nowhere else; without one they are asked for, never written."""

from __future__ import annotations

from typing import Final

from billdesk.kernel.errors import SecretUnavailable

SERVICE: Final = "BillDesk"


def load_secret(name: str) -> str:
    """Give a password, such as of `smtp:user@host`; raises SecretUnavailable when there is none or no keyring."""
    import keyring  # takes 0.1 s, so only when a password is needed
    from keyring.errors import KeyringError

    try:
        secret = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise SecretUnavailable(name) from error
    if secret is None:
        raise SecretUnavailable(name)
    return secret


def save_secret(name: str, secret: str) -> None:
    """Keep a password in the keyring; raises SecretUnavailable when this computer has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except KeyringError as error:
        raise SecretUnavailable(name) from error
