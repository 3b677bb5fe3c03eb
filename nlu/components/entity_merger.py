"""One entity per stretch of text, out of what several extractors found."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, EXTRACTOR
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityMerger(GraphComponent, EntityExtractorMixin):
    """Keeps the entity of the extractor named first in `order`, and of one extractor the longest, where spans overlap."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"order": ["CRFEntityExtractor", "RegexEntityExtractor"]}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityMerger:
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        self.rank = {extractor: place for place, extractor in enumerate(config["order"])}

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(ENTITIES, self._merged(message.get(ENTITIES, [])), add_to_output=True)
        return messages

    def _merged(self, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept: list[dict[str, Any]] = []
        for entity in sorted(entities, key=lambda e: (self.rank[e[EXTRACTOR]], e["start"] - e["end"])):
            if all(entity["end"] <= other["start"] or other["end"] <= entity["start"] for other in kept):
                kept.append(entity)
        return sorted(kept, key=lambda e: e["start"])
