"""The NLU can be trained anew after any change, also where Rasa takes a part of it from its cache."""

from __future__ import annotations

import subprocess

from bot.nlu_process import PROJECT

ASK_LIKE_RASA = """
from components.e5_featurizer import E5Featurizer
from components.standard_words import StandardWords
in_place_of_what_is_cached = {"output": "kept"}
for component in (StandardWords, E5Featurizer):
    assert component.fingerprint_addon(in_place_of_what_is_cached)
"""


def test_components_are_named_for_the_cache_though_their_configuration_is_replaced() -> None:
    """A new encoder beside an unchanged lexicon made the training fail."""
    asked = subprocess.run(
        [PROJECT / ".venv/bin/python", "-c", ASK_LIKE_RASA], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
