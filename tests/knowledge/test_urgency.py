"""What is learnt of urgency is kept for exactly its material: messages, rules, encoder and lexicon."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.embedder import VectorCache
from knowledge.normalize import Normalizer
from knowledge.urgency import Message, Urgency, UrgencyModel, load_or_learn
from tests.fakes import WordEmbedder

TOLD = {
    Urgency.EMERGENCY: ("saya dikurung", "pintu dikunci bos", "kami disekap", "tidak boleh keluar"),
    Urgency.HIGH: ("gaji saya ditahan", "paspor dipegang agen", "majikan marah terus", "saya dipecat"),
    Urgency.NORMAL: ("biaya ke luar negeri", "umur berapa boleh", "syarat paspor", "alamat kantor"),
    Urgency.NONE: ("halo kak", "terima kasih", "selamat pagi", "cuaca hari ini"),
}
PLACES = ("Miri", "Sibu", "Johor", "Kuching")
MESSAGES = [
    Message(f"{text} di {place}", "apa saja", None, urgency, "danger.yml")
    for urgency, texts in TOLD.items()
    for text in texts
    for place in PLACES
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "urgency.joblib"


def _learnt(file: Path, lexicon: dict[str, str]) -> UrgencyModel:
    cache = VectorCache(WordEmbedder(), [file.with_name("vectors.npz")])
    return load_or_learn(MESSAGES, Normalizer(lexicon), cache, [file])


def test_the_same_material_is_not_learnt_twice(file: Path) -> None:
    first = _learnt(file, {"dikurong": "dikurung"})
    written = file.stat().st_mtime_ns
    assert _learnt(file, {"dikurong": "dikurung"}).digest == first.digest
    assert file.stat().st_mtime_ns == written


def test_an_edited_lexicon_is_learnt_with(file: Path) -> None:
    first = _learnt(file, {"dikurong": "dikurung"})
    written = file.stat().st_mtime_ns
    assert _learnt(file, {"dikurong": "dikurung", "dikancing": "dikunci"}).digest != first.digest
    assert file.stat().st_mtime_ns > written
