"""getu source table: where a source's table lies in another PostgreSQL, its password sealed or named."""

import sys
from typing import Annotated, Any

import typer

from app.access import open_vault, record
from app.cli.opening import bank
from app.cli.telling import AsJson, give
from app.customers.intake.sources import store_source
from app.customers.intake.tables import seal_password
from app.errors import BadInput


def connect(
    code: Annotated[str, typer.Argument(help="the source's code")],
    table: Annotated[str, typer.Option(help="schema.table, a table or a view")],
    host: Annotated[str, typer.Option(help="where the database is")],
    database: Annotated[str, typer.Option(help="its name")],
    user: Annotated[str, typer.Option(help="an account that may only read")],
    port: Annotated[int, typer.Option(help="its port")] = 5432,
    sslmode: Annotated[str, typer.Option(help="prefer, require, verify-full …")] = "prefer",
    login_env: Annotated[
        str | None, typer.Option(help="environment variable that holds the password")
    ] = None,
    password: Annotated[
        str | None, typer.Option(help="- reads it from standard input; it is kept sealed")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Where a source's table lies; `getu import table --source CODE` reads it. 来源库"""
    if password is not None and password != "-":  # noqa: S105
        raise BadInput(
            "password_shown",
            zh="口令不能写在命令里，请用 --password - 从标准输入读",
            en="a password in a command is seen by all; use --password - and standard input",
        )
    origin: dict[str, Any] = {"host": host, "port": str(port), "database": database, "user": user}
    origin.update({"table": table, "sslmode": sslmode}, **({"login_env": login_env} if login_env else {}))
    with bank() as opened, opened.transaction() as session:
        if password is not None:
            secret = sys.stdin.readline().rstrip("\n")
            origin["login_sealed"] = seal_password(open_vault(opened.settings.keys), code, secret)
        source = store_source(session, code, {"origin": origin})
        record(session, "set_source", subject=code, detail={"table": table, "host": host})
    told = {**source.as_json(), "origin": {k: v for k, v in origin.items() if k != "login_sealed"}}
    give(told, as_json=as_json)
