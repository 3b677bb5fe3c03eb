"""Figures of the running process for Prometheus; labels name parts and outcomes, never anybody."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

TURN_SECONDS = Histogram(
    "silvi_turn_seconds",
    "From a message to its committed reply.",
    ["channel", "kind"],
    registry=REGISTRY,
    buckets=SECONDS,
)
TURNS_FAILED = Counter("silvi_turns_failed", "Turns that raised; they are tried again.", ["channel"], registry=REGISTRY)
NLU_SECONDS = Histogram("silvi_nlu_seconds", "One call to the NLU.", registry=REGISTRY, buckets=SECONDS)
NLU_FAILED = Counter("silvi_nlu_failed", "Calls the NLU did not answer.", registry=REGISTRY)
SENT = Counter("silvi_messages_sent", "Tries to send a message to Telegram.", ["outcome"], registry=REGISTRY)
SEND_SECONDS = Histogram("silvi_send_seconds", "One message to Telegram.", registry=REGISTRY, buckets=SECONDS)
OUTBOX_WAITING = Gauge("silvi_outbox_waiting", "Messages that are due and not sent.", ["channel"], registry=REGISTRY)
OUTBOX_OLDEST_SECONDS = Gauge("silvi_outbox_oldest_seconds", "How long the oldest of them waits.", registry=REGISTRY)
CASES_OPEN = Gauge("silvi_cases_open", "Cases that are not over.", ["urgency"], registry=REGISTRY)
CASES_OVERDUE = Gauge("silvi_cases_overdue", "Open cases past their time.", registry=REGISTRY)
UPDATES_FAILED = Gauge("silvi_failed_updates", "Updates kept because nobody could handle them.", registry=REGISTRY)
PART_UP = Gauge("silvi_part_up", "1 while the part answers.", ["part"], registry=REGISTRY)


def note_sent(outcome: str, took_s: float) -> None:
    """A message was sent or not, by whichever process of this service."""
    SENT.labels(outcome).inc()
    SEND_SECONDS.observe(took_s)


def exposition() -> bytes:
    """All figures in the text format of Prometheus."""
    return generate_latest(REGISTRY)
