"""The Dockerfile and compose.yaml, read and checked: where no engine can build them, these laws do."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from app.cli.root import cli
from app.settings import Settings

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^[a-z0-9/._-]+:\d+(\.\d+)*[.-]\d+[a-z0-9.-]*$")


def read_instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), comments dropped and continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines if line.strip()]


def read_stages() -> list[list[tuple[str, str]]]:
    stages: list[list[tuple[str, str]]] = []
    for word, rest in read_instructions():
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest))
    return stages


def read_compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def list_copied() -> Iterator[str]:
    """Every path the Dockerfile copies from the checkout (not from another stage)."""
    for word, rest in read_instructions():
        parts = [part for part in shlex.split(rest) if not part.startswith("--")]
        if word == "COPY" and "--from=" not in rest:
            yield from parts[:-1]


def list_ours() -> dict[str, dict[str, Any]]:
    return {name: one for name, one in read_compose()["services"].items() if one.get("build")}


def test_every_base_image_is_pinned_to_a_version() -> None:
    images = [rest.split()[0] for word, rest in read_instructions() if word == "FROM"]
    images.append(read_compose()["services"]["database"]["image"])
    assert len(images) == 4
    assert [image for image in images if not PINNED.match(image)] == []


@pytest.mark.parametrize("image", ["python", "python:latest", "python:3", "node:lts-slim"])
def test_the_pin_rule_refuses_a_loose_image(image: str) -> None:
    assert not PINNED.match(image)


def test_the_image_runs_as_an_unprivileged_numbered_user() -> None:
    words = dict(read_stages()[-1])
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", words["USER"]), "Kubernetes checks numbers, not names"
    order = [word for word, _ in read_stages()[-1]]
    assert "RUN" not in order[order.index("USER") :], "nothing may be installed after the rights are given up"


def test_the_running_image_has_fonts_and_no_node_and_no_test_tool() -> None:
    last = " ".join(f"{word} {rest}" for word, rest in read_stages()[-1])
    assert "fonts-noto-cjk" in last
    assert not re.search(r"\bnode(js)?\b|\bnpm\b|chromium", last)
    installed = (ROOT / "requirements-run.lock").read_text()
    assert "fastapi==" in installed
    assert not re.search(r"^(pytest|playwright|mypy|ruff)==", installed, re.MULTILINE)


def test_health_is_asked_at_healthz_on_the_port_that_is_served() -> None:
    words = dict(read_stages()[-1])
    assert f"http://127.0.0.1:{words['EXPOSE']}/healthz" in words["HEALTHCHECK"]
    assert f'"{words["EXPOSE"]}"' in words["CMD"]


def test_every_copied_path_exists_and_passes_dockerignore() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for path in list_copied():
        assert (ROOT / path).exists(), path
        assert path.rstrip("/").split("/")[0] in allowed, f"{path} never reaches the builder"


def test_no_stage_installs_anything_without_hashes() -> None:
    for word, rest in read_instructions():
        if word == "RUN" and re.search(r"pip (install|sync)", rest):
            for command in re.findall(r"(?:uv )?pip (?:install|sync)[^&]*", rest):
                assert "--require-hashes" in command or "--offline" in command, command
        assert not re.search(r"npm (i|install)\b", rest), "npm ci alone obeys the lock"


def test_compose_starts_database_migration_service_and_worker_in_that_order() -> None:
    services = read_compose()["services"]
    assert set(services) == {"database", "migrate", "serve", "work"}
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("serve", "work"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert "pg_isready" in services["database"]["healthcheck"]["test"]


@pytest.mark.parametrize("name", ["migrate", "serve", "work"])
def test_our_containers_have_a_read_only_root_and_no_capabilities(name: str) -> None:
    service = list_ours()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_no_secret_stands_in_the_compose_file() -> None:
    compose = read_compose()
    for service in compose["services"].values():
        for key, value in service["environment"].items() if "environment" in service else ():
            assert "PASSWORD" not in key or key.endswith("_FILE"), key
            assert not re.search(r"//[^/@]+:[^/@]+@", str(value)), f"{key} carries a password"
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
    assert all(set(secret) == {"environment"} for secret in compose["secrets"].values())


def test_the_database_and_the_worker_reach_no_other_host() -> None:
    compose = read_compose()
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("database", "work", "migrate"):
        assert compose["services"][name]["networks"] == ["inside"]
    assert compose["services"]["serve"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


def test_every_file_that_compose_mounts_exists() -> None:
    mounts = [mount for one in read_compose()["services"].values() for mount in one.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith(".")]
    assert files == ["./scripts/compose_login_role.sh"]
    assert all((ROOT / file).stat().st_mode & 0o111 for file in files)


def test_the_entry_reads_a_secret_from_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p'ss $word\n")
    entry = ROOT / "scripts" / "container_entry.sh"
    environment = {"PATH": "/usr/bin:/bin", "PGPASSWORD_FILE": str(secret)}
    seen = subprocess.run(["sh", entry, "env"], env=environment, capture_output=True, text=True, check=True)
    assert "PGPASSWORD=p'ss $word" in seen.stdout.splitlines()
    assert "PGPASSWORD_FILE" not in seen.stdout


def test_the_entry_stops_when_a_secret_is_missing(tmp_path: Path) -> None:
    entry = ROOT / "scripts" / "container_entry.sh"
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL_FILE": str(tmp_path / "none")}
    seen = subprocess.run(["sh", entry, "env"], env=environment, capture_output=True, text=True, check=False)
    assert seen.returncode != 0
    assert seen.stdout == ""


def test_every_setting_that_the_containers_give_exists() -> None:
    """A misspelt setting would silently read as nothing."""
    given = set(re.findall(r"\bGETU_[A-Z_]+", (ROOT / "Dockerfile").read_text()))
    for service in list_ours().values():
        given |= {name for name in service["environment"] if name.startswith("GETU_")}
    known = {f"GETU_{name.upper()}" for name in Settings.model_fields}
    assert given >= {"GETU_HOME", "GETU_ADMIN_URL", "GETU_WORKERS"}
    assert given <= known


@pytest.mark.parametrize("service", ["serve", "work", "migrate"])
def test_the_program_knows_the_command_that_a_container_runs(service: str) -> None:
    default = json.loads(dict(read_stages()[-1])["CMD"])
    words = list_ours()[service].get("command", default)
    asked = [word for word in words[1:] if not re.fullmatch(r"[\d.]+", word)]
    command: Any = typer.main.get_command(cli)
    for verb in (word for word in asked if not word.startswith("--")):
        command = command.get_command(None, verb)
    known = {option for parameter in command.params for option in parameter.opts}
    assert {option for option in asked if option.startswith("--")} <= known
