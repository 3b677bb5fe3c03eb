"""Learns published content in a process of its own, which gives its memory back and keeps nobody waiting.

Reads from its input what to learn, pickled by the service that starts it; keeps the result in the last of the cache folders.
"""

from __future__ import annotations

import os
import pickle
import sys

from knowledge.base import learn_anew
from knowledge.embedder import Embedder

NICENESS = 10


def main() -> None:
    os.nice(NICENESS)
    entries, model, folders = pickle.load(sys.stdin.buffer)
    learn_anew(entries, Embedder(model), folders)


if __name__ == "__main__":
    main()
