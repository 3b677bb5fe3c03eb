"""A file sealed with the office's key: written and read in pieces, and refused where a piece is missing or changed.

AES-256-GCM over pieces of 1 MiB, each under its number and a mark of the last one (the STREAM construction of Hoang,
Reyhanitabar, Rogaway and Vizár, 2015), so that pieces can be neither swapped nor cut off.
"""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Sequence
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"SILVI-CADANGAN-1\n"
SALT_BYTES, TAG_BYTES = 16, 16
PIECE_BYTES = 1024 * 1024


class Unreadable(Exception):
    """No sealed file, one of another key, or a broken one; the text says which."""


class SealingWriter(io.RawIOBase):
    """Writes what it is given to `target`, sealed; `finish` writes the last piece, without which nobody reads the file."""

    def __init__(self, target: BinaryIO, key: str) -> None:
        self._target, self._piece, self._number = target, bytearray(), 0
        salt = os.urandom(SALT_BYTES)
        self._cipher = _cipher(key, salt)
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        self._piece += content
        while len(self._piece) > PIECE_BYTES:
            self._seal(bytes(self._piece[:PIECE_BYTES]), is_last=False)
            del self._piece[:PIECE_BYTES]
        return len(content)

    def finish(self) -> None:
        self._seal(bytes(self._piece), is_last=True)

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, is_last), piece, MAGIC))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what a SealingWriter wrote; raises Unreadable at the first piece that is not as it was written."""

    def __init__(self, source: BinaryIO, keys: Sequence[str]) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise Unreadable("bukan berkas cadangan Silvi")
        salt = source.read(SALT_BYTES)
        self._source, self._number, self._left, self._is_over = source, 0, b"", False
        self._ahead = source.read(PIECE_BYTES + TAG_BYTES)
        for key in keys:
            self._cipher = _cipher(key, salt)
            try:
                self._open_next()
                return
            except InvalidTag:
                continue
        raise Unreadable(
            "disandikan dengan kunci lain, atau rusak: isi SILVI_SECRET_KEY dengan kunci saat cadangan dibuat"
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._left and not self._is_over:
            try:
                self._open_next()
            except InvalidTag:
                raise Unreadable("berkas cadangan rusak atau terpotong") from None
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count

    def _open_next(self) -> None:
        # A full piece is the last one when nothing stands behind it.
        sealed = self._ahead
        behind = self._source.read(PIECE_BYTES + TAG_BYTES)
        try:
            self._left = self._cipher.decrypt(_nonce(self._number, is_last=not behind), sealed, MAGIC)
        except InvalidTag:
            self._source.seek(-len(behind), os.SEEK_CUR)
            raise
        self._ahead, self._is_over = behind, not behind
        self._number += 1


def _nonce(number: int, is_last: bool) -> bytes:
    return struct.pack(">xxxQ?", number, is_last)


def _cipher(key: str, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"silvi backup").derive(key.encode()))
