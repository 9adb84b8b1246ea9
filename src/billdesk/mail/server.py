"""Where mails are handed in, and what a server answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl  # 10 ms that the window need not wait for


class Security(StrEnum):
    """How the connection is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Login(StrEnum):
    """How the sender proves who they are; the secret is a password or an OAuth2 access token."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in; without `user` nobody logs in. `tls` replaces the system's trusted certificates."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    user: str = ""
    login: Login = Login.PASSWORD
    timeout_seconds: int = 30
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recipient that the server did not take, with its answer; `retry` says whether it may later."""

    recipient: str
    code: int
    reason: str
    retry: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a mail: the server's receipt, who will get it and who will not."""

    accepted: tuple[str, ...]
    refused: tuple[Refusal, ...]
    receipt: str
