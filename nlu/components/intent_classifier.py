"""What a message is: a report, a question, an offer to check, small talk ..."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from components.text_classifier import TextClassifier


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(TextClassifier):
    """Rasa's own logistic regression takes raw counts and lets nobody choose C; on our messages that costs much."""

    def label(self, example: Message) -> str | None:
        return example.get(INTENT)

    def tell(self, message: Message, ranking: list[dict[str, Any]]) -> None:
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
