"""Every setting of Silvi: typed, with unit, default and a sentence. Names in the environment carry the prefix SILVI_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment and from `.env`; an empty value means "not set"."""

    model_config = SettingsConfigDict(
        env_prefix="SILVI_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    telegram_token: SecretStr | None = Field(
        None, description="Bot token from @BotFather; without it there is no Telegram channel."
    )
    telegram_api_url: str = Field(
        "https://api.telegram.org", description="Bot API server; change it for a self-hosted one."
    )
    telegram_webhook_url: str | None = Field(
        None, description="Public https address Telegram posts updates to; without it Silvi polls."
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="Secret token Telegram sends with each webhook call (1-256 of A-Z a-z 0-9 _ -)."
    )
    telegram_webhook_listen: str = Field(
        "127.0.0.1:8443", description="host:port on which webhook calls are accepted, behind a TLS proxy."
    )
    desk_chat_id: int | None = Field(None, description="Chat id of the officers' forum group.")
    database_url: str | None = Field(
        None, description="PostgreSQL address; without it an embedded server is started under SILVI_DATA_DIR."
    )
    nlu_url: str | None = Field(
        None, description="Address of a running Rasa server; without it one is started beside the service."
    )
    data_dir: Path = Field(Path("data"), description="Folder for the embedded database, keys and caches.")
    web_listen: str = Field("127.0.0.1:8080", description="host:port of web chat, console and /health.")
    web_public_url: str | None = Field(None, description="Address people and officers reach the web pages at.")
    secret_key: SecretStr | None = Field(
        None,
        description="At least 32 characters; encrypts what people tell and signs cookies and links. "
        "Without it one is made and kept in SILVI_DATA_DIR.",
    )
    secret_key_old: SecretStr | None = Field(
        None, description="Earlier keys, separated by commas, until `silvi db rotate-key` has run."
    )
    embedding_model: str | None = Field(
        None, description="Name or folder of another sentence-transformers model; default is the bundled one."
    )
    office_file: Path | None = Field(
        None, description="The office's own profile (address, hours, numbers); see knowledge/content/office.yaml."
    )
    time_zone: str = Field("Asia/Pontianak", description="Zone of the office, for dates and hours shown to people.")
    nlu_timeout_s: float = Field(
        1.5, description="Seconds to wait for the NLU before answering without it.", gt=0, le=30
    )
    fragment_wait_s: float = Field(
        1.5, description="Seconds in which messages sent one after the other count as one.", ge=0, le=10
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: Literal["text", "json"] = Field("text", description="Lines to read, or one JSON object a line.")
    metrics_token: SecretStr | None = Field(
        None, description="Who shows it reads /metrics from anywhere; without it only this machine may."
    )

    def secrets(self) -> list[str]:
        """What no log may hold: every secret of the settings, and the password in the database's address."""
        values = [getattr(self, name) for name in type(self).model_fields]
        found = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        password = urlsplit(self.database_url).password if self.database_url else None
        return [part for secret in (*found, password or "") for part in secret.split(",") if part]

    @property
    def web_address(self) -> str:
        """Where the web pages are reached: the public address, or on this machine alone."""
        return self.web_public_url or f"http://{self.web_listen}"

    @field_validator("telegram_api_url", "telegram_webhook_url", "nlu_url", "web_public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str | None) -> str | None:
        return value.rstrip("/") if value else value

    @field_validator("database_url")
    @classmethod
    def _of_postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return value
        try:
            parts = urlsplit(value)
            is_address = parts.scheme.partition("+")[0] in ("postgresql", "postgres") and parts.port != 0
        except ValueError:
            is_address = False
        if not is_address:
            # What was given may hold a password: it is not repeated.
            raise ValueError("is not an address like postgresql://user:password@host:5432/name")
        return value

    @field_validator("secret_key", "secret_key_old")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and any(len(key.strip()) < 32 for key in value.get_secret_value().split(",")):
            raise ValueError("a key needs at least 32 characters, and no comma in it")
        return value


def host_and_port(listen: str) -> tuple[str, int]:
    """Split `host:port`; raises ValueError with the text at fault."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"'{listen}' is not host:port")
    return host, int(port)
