"""`python -m tests.telegram_api --port N` serves until interrupted; tests steer it through /control/{token}/{name}."""

from __future__ import annotations

import argparse

import uvicorn

from tests.telegram_api.server import TelegramApi


def main() -> None:
    """Serve on a loopback port."""
    parser = argparse.ArgumentParser(description="Local Telegram Bot API server for tests")
    parser.add_argument("--port", type=int, required=True)
    uvicorn.Server(TelegramApi().config(parser.parse_args().port)).run()


if __name__ == "__main__":
    main()
