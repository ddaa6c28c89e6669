"""The project speaks of the project: no outside addresses on pages, no machine paths, no skipped tests."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = {
    ".py",
    ".md",
    ".sql",
    ".html",
    ".css",
    ".js",
    ".toml",
    ".yaml",
    ".yml",
    ".sh",
    ".txt",
    ".json",
    ".lock",
    "",
}
# XML names look like addresses and are never fetched.
NAMESPACES = ("http://www.w3.org/", "http://www.opengis.net/")


def list_tracked() -> list[Path]:
    said = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in said.splitlines() if (ROOT / line).is_file()]


@cache
def read_texts() -> dict[Path, str]:
    return {
        path: path.read_text(encoding="utf-8", errors="ignore")
        for path in list_tracked()
        if path.suffix in TEXTS
    }


def test_pages_name_no_outside_address() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path, text in read_texts().items()
        if path.suffix in {".html", ".css", ".js", ".j2"} and path.is_relative_to(ROOT / "app")
        for found in re.finditer(r"https?://[^\s\"'<>)]+", text)
        if not found.group(0).startswith(NAMESPACES)
    ]
    assert named == []


def test_locks_carry_no_addresses() -> None:
    for name in ("requirements.lock", "requirements-run.lock", "package-lock.json"):
        assert not re.search(
            r"https?://(?!opencollective|github|paypal|tidelift|feross|www\.patreon)",
            (ROOT / name).read_text(encoding="utf-8"),
        ), name


def test_no_paths_of_a_machine() -> None:
    # A short place such as /opt/getu is a fair example in a document; a longer one is somebody's own.
    own = rf"|{re.escape(str(ROOT))}" if len(ROOT.parts) > 3 else ""
    here = re.compile(rf"/root/|/home/[a-z]+/|/Users/{own}")
    # The proof on a bare system names the homes of that system, not of this one.
    allowed = {
        "scripts/prove_bare.sh",
        "tests/house/test_tongue.py",
        "tests/db/test_cluster.py",
        "tests/db/test_cluster_faults.py",
    }
    named = [
        f"{path.relative_to(ROOT)}: {found.group(0)}"
        for path, text in read_texts().items()
        if str(path.relative_to(ROOT)) not in allowed
        for found in here.finditer(text)
    ]
    assert named == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    pattern = re.compile(r"pytest\.(mark\.)?(skip|xfail)|skipif|importorskip")
    skipped = [
        str(path.relative_to(ROOT))
        for path, text in read_texts().items()
        if path.is_relative_to(ROOT / "tests") and path.name != "test_tongue.py" and pattern.search(text)
    ]
    assert skipped == []


def test_our_own_rooms_are_never_mocked() -> None:
    # A constant may be set small for a test; a verb or a class of ours is never replaced.
    pattern = re.compile(
        r"unittest\.mock|MagicMock|mocker\.|monkeypatch\.setattr\(\s*[\"']app\.[\w.]+\.[a-z]\w*[\"']"
    )
    mocked = [
        str(path.relative_to(ROOT))
        for path, text in read_texts().items()
        if path.is_relative_to(ROOT / "tests") and path.name != "test_tongue.py" and pattern.search(text)
    ]
    assert mocked == []
