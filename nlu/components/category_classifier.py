"""What a reported problem is about: wages, a passport, violence ..."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message

from components.text_classifier import TextClassifier


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CategoryClassifier(TextClassifier):
    """Learns `metadata: category` of the example blocks and adds the key `category` to every parse.

    It knows reports only: for other messages the caller leaves the category unread.
    """

    def label(self, example: Message) -> str | None:
        return example.get(METADATA, {}).get(METADATA_INTENT, {}).get("category")

    def tell(self, message: Message, ranking: list[dict[str, Any]]) -> None:
        message.set("category", ranking[0], add_to_output=True)
