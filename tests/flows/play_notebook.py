"""Play a notebook from top to bottom without a network: `python play_notebook.py IN FENCE OUT FOLDER`.

A process of its own: what a kernel's client leaves for the garbage collector must not go off in another test.
"""

import sys
from pathlib import Path

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]


def play_notebook(source: Path, fence: str, folder: Path) -> nbformat.NotebookNode:
    """The notebook as it looks after a run with the code of `fence` as its first cell."""
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(fence))
    # Kernel and client talk through files in a folder of their own: no port is opened.
    manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=str(folder / "ipc"))
    client = NotebookClient(notebook, km=manager, timeout=240, resources={"metadata": {"path": str(ROOT)}})
    return client.execute()


if __name__ == "__main__":
    nbformat.write(play_notebook(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[4])), sys.argv[3])
