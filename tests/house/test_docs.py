"""What the documents say is there: commands, options, files, targets, settings, faults, libraries, terms."""

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer

from app.cli.root import cli
from app.models import Base
from app.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
)
FOLDERS = (
    "app", "bench", "data", "demo", "docs", "migrations", "notebooks", "scripts", "tests",
)  # fmt: skip
# A folder or a file of the checkout named in backticks or in a link; `…`, `<name>` and `*` stand for several.
NAMED = re.compile(rf"(?<![\w/.$])((?:{'|'.join(FOLDERS)})/[\w./-]*[\w/])(?![\w<*…])")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def find_commands(text: str) -> Iterator[str]:
    """Every `getu …` command line: in fenced blocks and in backticks, without comment or environment."""
    fenced = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [line for block in fenced for line in block.splitlines()] + spans
    for line in lines:
        bare = re.sub(r"^(?:\w+=\S+\s+)+", "", re.sub(r"\s+#.*", "", line.strip()))
        bare = bare.removeprefix(".venv/bin/")
        if re.match(r"getu\s+\w", bare):
            yield bare


def list_commands() -> list[tuple[Path, str]]:
    return [(path, line) for path in DOCS for line in dict.fromkeys(find_commands(read(path)))]


def resolve(line: str) -> str:
    """The name of the command that a line asks for, its options parsed; nothing runs. ValueError if wrong."""
    words = shlex.split(line.replace("…", ""))[1:]
    shown = [word for word in words if not re.fullmatch(r"[A-Z]+\|?[A-Z]*", word)]
    command = typer.main.get_command(cli)
    context = typer.Context(command, info_name="getu")
    while hasattr(command, "get_command") and words:
        found = command.get_command(context, words[0])
        if found is None:
            raise ValueError(f"no command {words[0]}")
        command, words = found, words[1:]
        context = typer.Context(command, info_name=found.name, parent=context)
    if not words:
        return str(command.name)
    try:
        given, rest, _ = command.make_parser(context).parse_args(list(words))
    except Exception as error:
        raise ValueError(str(error)) from error
    lacking = [p.name for p in command.params if p.required and given.get(p.name) in (None, ())]
    if rest or (lacking and shown):
        raise ValueError(f"left over: {rest}; lacking: {lacking}")
    return str(command.name)


def test_the_documents_hold_the_commands_a_bank_needs() -> None:
    told = {line.split()[1] for _, line in list_commands()}
    assert told >= {"db", "import", "geocode", "locate", "check", "plan", "assign", "map", "wallmap"}
    assert told >= {"directory", "letters", "user", "serve", "work", "bench"}


@pytest.mark.parametrize(
    ("path", "line"), list_commands(), ids=lambda v: name_of(v) if isinstance(v, Path) else v
)
def test_a_command_in_the_documents_is_one_the_program_knows(path: Path, line: str) -> None:
    assert resolve(line) in line.split()


@pytest.mark.parametrize(
    "line",
    [
        "getu plan draw V1",
        "getu check a.zip --outline b.zip",
        "getu wallmap --paper A3",
        "getu locate 121.2 31.9 7",
    ],
)
def test_a_command_the_program_does_not_know_is_found_out(line: str) -> None:
    with pytest.raises(ValueError, match=r"no command|left over|No such option"):
        resolve(line)


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_every_file_and_folder_a_document_names_exists(path: Path) -> None:
    text = read(path)
    linked = [target for target in LINK.findall(text) if "://" not in target]
    missing = [target for target in linked if not (path.parent / target).exists()]
    missing += [named for named in NAMED.findall(text) if not (ROOT / named.split("::")[0]).exists()]
    made_at_setup = {"app/maps/static/vendor"}
    assert sorted(set(missing) - made_at_setup) == []


@pytest.mark.parametrize("path", DOCS, ids=name_of)
def test_every_make_target_a_document_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^|&& )make ([a-z-]+)", read(path), re.MULTILINE))
    assert named - targets == set()


def test_every_setting_is_in_the_table_of_settings_and_no_other() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", read(ROOT / "docs/operations.md"), re.MULTILINE)
    known = {f"GETU_{name.upper()}" for name in Settings.model_fields} - {"GETU_DATABASE_URL"}
    assert set(table) == known | {"DATABASE_URL"}


def test_every_fault_that_readiness_may_name_is_explained() -> None:
    sources = read(ROOT / "app/db/readiness.py") + read(ROOT / "app/api/health.py")
    faults = set(re.findall(r"""faults\.append\("(\w+)"\)|return \["(\w+)"\]""", sources))
    names = {name for pair in faults for name in pair if name}
    assert len(names) >= 6
    told = set(re.findall(r"^\| `([a-z_]+)` \|", read(ROOT / "docs/operations.md"), re.MULTILINE))
    assert told == names


def test_every_library_has_its_reason_and_every_reason_its_library() -> None:
    project = tomllib.loads(read(ROOT / "pyproject.toml"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[<>=\[]", line)[0] for line in wanted}
    told = re.findall(r"^\| `([\w-]+)` \|", read(ROOT / "docs/decisions/0010-libraries.md"), re.MULTILINE)
    assert sorted(told) == sorted(names)


def load_writer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_tables", ROOT / "docs" / "write_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_glossary_and_headings_are_what_the_code_says() -> None:
    writer = load_writer()
    assert read(ROOT / "docs/glossary.md") == writer.write_glossary()
    assert read(ROOT / "docs/headings.md") == writer.write_headings()
    assert read(ROOT / "docs/data-model.md") == writer.write_model()


def test_every_table_stands_in_the_data_model_once() -> None:
    named = re.findall(r"^\| `(\w+)` \|", read(ROOT / "docs/data-model.md"), re.MULTILINE)
    assert sorted(named) == sorted(Base.metadata.tables)


def test_the_pages_of_decisions_are_numbered_without_a_gap_and_built_alike() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    bare = [page.name for page in pages if not read(page).startswith(f"# {page.name[:4]} · ")]
    assert bare == []


def test_the_tables_of_a_bank_s_files_name_only_headings_that_are_understood() -> None:
    """Each field named in the table of files of own-bank.md is a heading of that table in the code."""
    known = set(re.findall(r"[^\s|、]+", read(ROOT / "docs/headings.md")))
    section = read(ROOT / "docs/own-bank.md").split("## 1 · ")[1].split("\n\n")[1]
    named = [
        word
        for line in section.splitlines()[2:]
        for cell in line.split("|")[2:4]
        for word in re.findall(r"[\u4e00-\u9fff/]{2,}", re.sub(r"\([^)]*\)", "", cell))
    ]
    assert len(named) > 40
    assert [word for word in named if word not in known and not known & set(word.split("/"))] == []
