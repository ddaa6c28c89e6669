"""Alembic's door: it runs inside the connection and transaction that `app.db.migrating` opened."""

from alembic import context

from app.models import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
context.run_migrations()
