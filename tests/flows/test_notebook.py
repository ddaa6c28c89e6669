"""The analyst's notebook runs from top to bottom without a network, and finds what the draft was given."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PLAYER = Path(__file__).with_name("play_notebook.py")
NOTEBOOK = ROOT / "notebooks" / "overlaps.ipynb"
TRUTH = ROOT / "data" / "boundaries" / "draft_2027.truth.json"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[nbformat.NotebookNode, Path]:
    """The notebook as it looks after a run, and the map it wrote."""
    folder = tmp_path_factory.mktemp("notebook")
    out = folder / "overlaps.html"
    played = folder / "played.ipynb"
    subprocess.run([sys.executable, PLAYER, NOTEBOOK, write_fence(out), played, folder], check=True)
    return nbformat.read(played, as_version=4), out


def write_fence(out: Path) -> str:
    """A first cell: where the map goes, and no socket to any address from here on."""
    return (
        "import os, socket\n"
        f"os.environ['GETU_NOTEBOOK_OUT'] = {str(out)!r}\n"
        "def refuse(*_): raise OSError('the notebook asked for the network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
    )


def list_text(notebook: nbformat.NotebookNode) -> str:
    """Everything that the cells said."""
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    return "\n".join(
        str(out.get("text", "")) + str(out.get("data", {}).get("text/plain", "")) for out in outputs
    )


def test_the_committed_notebook_carries_no_output() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) >= 5
    assert [cell.outputs for cell in cells if cell.outputs] == []
    assert {cell.execution_count for cell in cells} == {None}


def test_it_finds_the_faults_that_the_draft_was_given(
    played: tuple[nbformat.NotebookNode, Path],
) -> None:
    notebook, _ = played
    given = Counter(fault["kind"] for fault in json.loads(TRUTH.read_text(encoding="utf-8"))["faults"])
    words = {
        "overlap": "重叠", "gap": "空白", "duplicate": "重复", "nested": "套叠", "sliver": "碎片"
    }  # fmt: skip
    tables = [
        out["data"]["text/html"]
        for cell in notebook.cells
        for out in cell.get("outputs", ())
        if "text/html" in out.get("data", {}) and "area_m2" in out["data"]["text/html"]
    ]
    found = Counter(re.findall(r"<td>(重叠|空白|重复|套叠|碎片|越界|无效图形)</td>", tables[0]))
    assert found == Counter({words[kind]: count for kind, count in given.items()})
    said = list_text(notebook)
    assert "EPSG:4549" in said
    assert "text gbk (text)" in said


def test_its_map_stands_alone(played: tuple[nbformat.NotebookNode, Path]) -> None:
    _, out = played
    page = out.read_text(encoding="utf-8")
    assert json.dumps("颐生村（新编）")[1:-1] in page
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"'](?!data:)[^\"']+", page) == []
