"""Who may import whom: reads every import and names the file that strays."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HOME_OF_LIBRARY = {
    "telegram": ("bot/channels/telegram",),
    "starlette": ("bot/channels/web",),
    "faiss": ("knowledge",),
    "sentence_transformers": ("knowledge",),
    "rapidocr": ("bot/media",),
}
"""A library -> the only folders that may import it."""

OUT_OF_REACH = {
    "knowledge": ("bot",),
    "bot/dialogue": ("bot.channels",),
    "bot/services": ("bot.channels", "bot.dialogue"),
    "bot/domain": ("bot.channels", "bot.dialogue", "bot.services"),
    "bot/storage": ("bot.channels", "bot.dialogue", "bot.services"),
    "bot/texts": ("bot.channels", "bot.dialogue", "bot.services"),
}
"""A folder -> the modules that stand above it."""


def imports_of(source: str, module: str) -> list[tuple[int, str]]:
    """Line and full name of everything that the source of `module` imports, wherever it stands in the file."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            around = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*around, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def strays(root: Path, folder: str, is_out_of_place: Callable[[str, str], bool]) -> list[str]:
    """`file:line imports name` for each import below `folder` that is out of place."""
    found = []
    for path in sorted((root / folder).rglob("*.py")):
        file = path.relative_to(root).as_posix()
        module = file.removesuffix(".py").replace("/", ".")
        for line, name in imports_of(path.read_text(encoding="utf-8"), module):
            if is_out_of_place(file, name):
                found.append(f"{file}:{line} imports {name}")
    return found


def is_within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("library", HOME_OF_LIBRARY)
def test_library_stays_in_its_home(library: str) -> None:
    def out_of_place(file: str, name: str) -> bool:
        return is_within(name, library) and not file.startswith(tuple(f"{home}/" for home in HOME_OF_LIBRARY[library]))

    assert strays(ROOT, "bot", out_of_place) + strays(ROOT, "knowledge", out_of_place) == []


@pytest.mark.parametrize("folder", OUT_OF_REACH)
def test_imports_go_one_way(folder: str) -> None:
    assert (ROOT / folder).is_dir()
    assert strays(ROOT, folder, lambda _file, name: any(is_within(name, above) for above in OUT_OF_REACH[folder])) == []


def test_domain_needs_only_the_standard_library() -> None:
    def out_of_place(_file: str, name: str) -> bool:
        return name.split(".")[0] not in sys.stdlib_module_names and not is_within(name, "bot.domain")

    assert strays(ROOT, "bot/domain", out_of_place) == []


def test_file_that_strays_is_named(tmp_path: Path) -> None:
    (tmp_path / "bot/services").mkdir(parents=True)
    (tmp_path / "bot/services/cases.py").write_text(
        "def late():\n    from bot.channels import telegram\n\nfrom ..dialogue.turn import turn\n", encoding="utf-8"
    )
    above = OUT_OF_REACH["bot/services"]
    assert sorted(strays(tmp_path, "bot/services", lambda _file, name: any(is_within(name, one) for one in above))) == [
        "bot/services/cases.py:2 imports bot.channels.telegram",
        "bot/services/cases.py:4 imports bot.dialogue.turn.turn",
    ]
