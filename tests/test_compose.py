"""The images and services of a server: no root, no secrets, and a health check everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parent.parent
SERVICES = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
DOCKERFILES = [PROJECT / "Dockerfile", PROJECT / "nlu/Dockerfile"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_service_is_watched_restarted_and_not_root(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] not in ("root", "0")
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"


def test_same_product_runs_on_a_server() -> None:
    assert set(SERVICES) == {"db", "nlu", "app", "worker"}
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["db"]["volumes"]


def test_only_the_application_is_reachable_and_only_behind_a_proxy() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == SERVICES["app"]["ports"]
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_image_ends_as_a_user_without_rights_and_with_a_health_check(dockerfile: Path) -> None:
    last_stage = dockerfile.read_text().rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^USER (\S+)", last_stage, re.MULTILINE)[-1] == "silvi"
    assert "HEALTHCHECK" in last_stage


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_everything_copied_into_an_image_is_let_through(dockerfile: Path) -> None:
    let_through = [line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile.read_text(), re.MULTILINE):
        *sources, _ = [word for word in line.split() if not word.startswith("--")]
        for source in sources:
            assert (PROJECT / source).exists(), source
            assert any(source == kept or source.startswith(f"{kept}/") for kept in let_through), source


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_model_of_an_image_runs_on_another_processor_than_it_was_built_on(dockerfile: Path) -> None:
    assert "silvi model build --cpu avx2" in dockerfile.read_text()


def test_application_image_has_learnt_its_content() -> None:
    last_stage = DOCKERFILES[0].read_text().rsplit("\nFROM ", 1)[1]
    assert "silvi model learn" in DOCKERFILES[0].read_text()
    assert "COPY --from=learned /app/nlu/data nlu/data" in last_stage, "what was learnt is only valid beside the data it was learnt from"


def test_no_settings_file_gets_into_an_image() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert ignored[1] == "*"
    assert "**/.env" in ignored
    assert not any("SECRET" in path.read_text() or "TOKEN" in path.read_text() for path in DOCKERFILES)


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "docker-compose.yml", tmp_path)
    shutil.copy(PROJECT / ".env.example", tmp_path / ".env")
    outcome = subprocess.run(
        ["docker-compose", "config"],
        cwd=tmp_path,
        env={**os.environ, "POSTGRES_PASSWORD": "contoh"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "silvi:contoh@db" in outcome.stdout
