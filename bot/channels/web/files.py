"""Files from and for browsers: only what is what it says, under names and headers that can do no harm."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from PIL import Image
from starlette.exceptions import HTTPException

from bot.domain.messages import Kind, Media

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
"""More than the cameras of phones take; a small file that unfolds to more is an attack."""
PICTURES = {"JPEG": (".jpg", "image/jpeg"), "PNG": (".png", "image/png"), "WEBP": (".webp", "image/webp")}
PDF_HEAD, PDF_SUFFIX, PDF_TYPE = b"%PDF-", ".pdf", "application/pdf"
ACCEPTED = ",".join([*(mime_type for _, mime_type in PICTURES.values()), PDF_TYPE])

MAX_NAME = 80
_UNSAFE = re.compile(r"[^\w .()-]+")

SHOWN_AS_THEY_ARE = frozenset({mime_type for _, mime_type in PICTURES.values()} | {PDF_TYPE, "audio/ogg", "audio/mpeg"})
"""All other types leave as bytes without meaning."""


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file whose content is what its kind says."""

    kind: Kind
    name: str
    mime_type: str
    content: bytes


def checked(name: str, content: bytes) -> CheckedFile:
    """A picture or PDF by its content, whatever its name says; raises HTTPException 413, 415 or 422 (empty)."""
    if not content:
        raise HTTPException(422)
    if len(content) > MAX_FILE_BYTES:
        raise HTTPException(413)
    if content.startswith(PDF_HEAD):
        return CheckedFile(Kind.DOCUMENT, safe_name(name, PDF_SUFFIX), PDF_TYPE, content)
    suffix, mime_type = PICTURES[_picture_format(content)]
    return CheckedFile(Kind.PICTURE, safe_name(name, suffix), mime_type, content)


def safe_name(name: str, suffix: str = "") -> str:
    """The last part of a path without anything a shell, a browser or a header could stumble over."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = _UNSAFE.sub("_", path.stem).strip(" ._")[:MAX_NAME] or "berkas"
    return stem + (suffix or _UNSAFE.sub("", path.suffix)[:10])


def headers_for(media: Media) -> dict[str, str]:
    """Saved rather than opened, never guessed at, never a page of ours."""
    return {
        "Content-Type": media.mime_type if media.mime_type in SHOWN_AS_THEY_ARE else "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(safe_name(media.name))}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }


def _picture_format(content: bytes) -> str:
    """Raises HTTPException 413 for too many pixels, 415 for what is no such picture or is broken."""
    try:
        with Image.open(io.BytesIO(content), formats=list(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise HTTPException(413)
            picture.verify()
            return picture.format
    except Image.DecompressionBombError:
        raise HTTPException(413) from None
    # What Pillow raises for broken files depends on where they are broken.
    except (OSError, SyntaxError, ValueError, IndexError, TypeError, EOFError, OverflowError) as error:
        raise HTTPException(415) from error
