"""Running Alembic's steps on a copy of a book."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, create_engine, event

from billdesk.storage import migrations, schema

SCRIPTS: Final = Path(migrations.__file__).parent


def migrate(path: Path) -> None:
    """Bring the file at `path`, a copy that nobody else uses, to the newest schema."""
    engine = create_engine(URL.create("sqlite", database=path.as_posix()))

    # A batch migration drops and remakes tables; with foreign keys on, ON DELETE CASCADE would
    # silently empty the child tables. The pragma has no effect inside a transaction, so it comes first.
    @event.listens_for(engine, "connect")
    def connect(connection, _record: object) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - a raw driver connection
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - SQLAlchemy's event signature
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        schema.renew_guards(connection)
    engine.dispose()
