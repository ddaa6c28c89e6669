"""The demo bank, from nothing to a page that can be opened: `make demo`.

Everything comes in by the same public door as a bank's own files. Each step is recognised when it was
done before, so a second start is quick and a killed one goes on where it stopped.
"""

import argparse
import sys
import time
from pathlib import Path

from app.cli.opening import Bank
from app.cli.telling import console, say, tell_error
from app.db.bank import open_bank
from app.errors import GetuError
from app.settings import read_settings
from demo import story
from demo.decisions import decide_some
from demo.history import tell_months
from demo.selfcheck import check_service


def main() -> int:
    """Run the demo; returns the exit code."""
    options = read_options()
    began = time.monotonic()
    try:
        settings = read_settings()
        console.rule("[bold]格图 Getu · 演示银行")
        with console.status("数据库 / database"):
            bank = Bank(settings, open_bank(settings))
        story.build_bank(bank, scale=options.scale, second_draft=True)
        tell_months(bank)
        people = story.add_people(bank)
        decide_some(bank)
        bank.database.close()
    except GetuError as error:
        tell_error(error)
        return 3
    say(f"数据就绪，用时 {time.monotonic() - began:.0f} 秒 / the bank is ready")
    tell_sign_ins(people, options.port)
    return check_service(options.port, people) if options.exit else serve(options.port)


def read_options() -> argparse.Namespace:
    """The command line of the demo."""
    parser = argparse.ArgumentParser(prog="python -m demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--scale", choices=("demo", "haimen"), default="demo")
    parser.add_argument("--exit", action="store_true", help="check the service, then stop")
    return parser.parse_args()


def tell_sign_ins(people: list[story.SignIn], port: int) -> None:
    """The address and the log-ins."""
    say("")
    for person in people:
        say(f"  {person.login:<12} {person.password:<18} {person.zh}")
    say(f"\n[bold]打开 http://127.0.0.1:{port}/[/]  (Ctrl+C 停止 / to stop)\n")


def serve(port: int) -> int:
    """Serve until stopped."""
    from app.cli.serving import serve as run_service

    run_service(port=port, host="127.0.0.1")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    sys.exit(main())
