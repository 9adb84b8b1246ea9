"""Alembic's entry point: runs the steps on the connection it is handed."""

from alembic import context

from billdesk.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
