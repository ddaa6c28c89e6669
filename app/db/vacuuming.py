"""What has landed is made visible to index-only reads at once: VACUUM, which only the owner of a table may.

In the home's own cluster that is its admin, on the same socket; in a bank's own database the address for
migrations. Without one the server's own vacuum does it, within a minute or two.
"""

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from app.db import cluster
from app.db.connection import Database
from app.settings import Settings


def find_owner(settings: Settings, database: Database) -> str | None:
    """The address of somebody who may vacuum the tables of this database; None when there is none."""
    url = make_url(database.url)
    if settings.database_url is None:
        owner = url.set(username=cluster.ADMIN_ROLE)
    elif settings.admin_url is None:
        return None
    else:
        owner = make_url(settings.admin_url.replace("postgres://", "postgresql://", 1))
    return owner.set(drivername="postgresql", database=url.database).render_as_string(hide_password=False)


def vacuum(owner: str | None, table: str) -> None:
    """Vacuum one table, all its rows frozen; nothing when nobody may."""
    if owner is None:
        return
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(sql.SQL("VACUUM (FREEZE) {}").format(sql.Identifier(table)))
