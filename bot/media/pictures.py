"""The text in a picture, read on this machine: nothing leaves it, and time and memory stay bounded."""

from __future__ import annotations

import asyncio
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""A phone's camera stays below; a picture that unpacks to more is refused before it is unpacked."""

READ_SIDE_PX = 1_600
"""A larger picture is made smaller before it is read: reading time grows with the area."""

FIND_SIDE_PX = 960
"""The size in which lines of text are searched for; they are then read from the larger picture."""

LEAST_SIDE_PX = 64
"""A narrower picture gets a white margin: the reader would enlarge it until its short side suits, and the long one with it."""

MAX_PIECES = 80
"""Of more pieces of text only the largest are read: a poster has some forty, a page of small print takes minutes."""

AT_ONCE = 6
"""Pieces read in one go; between two goes the clock is looked at."""

READING_S = 6.0
"""So long after the text was found reading ends: one bad picture keeps no other waiting."""

TIMEOUT_S = 20.0
"""The longest wait, with the pictures that came before."""

PDF = b"%PDF"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

_ONE_AT_A_TIME = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ocr")
_STREET = re.compile(r"\bJ[I1|]\.?(?= [A-Z])")


class UnreadablePicture(Exception):
    """The picture cannot be read; the text says why, for the person who sent it."""


async def text_of(data: bytes) -> str:
    """The lines of text in a picture, from top to bottom; raises UnreadablePicture, after TIMEOUT_S at the latest."""
    picture = _opened(data)
    reading = asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, _lines_of, picture)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await reading
    except TimeoutError:
        raise UnreadablePicture("gambar terlalu lama dibaca") from None


async def look_of(data: bytes) -> str | None:
    """256 bits by which the same picture is known again, however it was resized or compressed; None for none.

    The DCT hash of Zauner (2010), as ImageHash has it: two pictures look alike where few bits differ.
    """
    try:
        return await asyncio.to_thread(_look, _opened(data))
    except UnreadablePicture:
        return None


def _look(picture: Image.Image) -> str:
    from imagehash import phash

    return "".join("1" if bit else "0" for bit in phash(picture, hash_size=16).hash.flatten())


def _opened(data: bytes) -> Image.Image:
    """The picture upright, in colour and no larger than needed; refuses what is no picture, too big or broken."""
    if len(data) > MAX_BYTES:
        raise UnreadablePicture(f"gambar lebih dari {MAX_BYTES // 1024 // 1024} MB")
    if data.startswith(PDF):
        raise UnreadablePicture("ini PDF, bukan gambar; kirim fotonya atau tulis isinya")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise UnreadablePicture("gambar terlalu besar")
            picture.draft("RGB", (READ_SIDE_PX, READ_SIDE_PX))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except UnidentifiedImageError:
        raise UnreadablePicture("bukan gambar JPG, PNG, atau WEBP") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePicture("gambar rusak atau terlalu besar") from error
    upright.thumbnail((READ_SIDE_PX, READ_SIDE_PX))
    return _with_margin(upright)


def _with_margin(picture: Image.Image) -> Image.Image:
    """The picture on white, each side at least LEAST_SIDE_PX long."""
    size = (max(picture.width, LEAST_SIDE_PX), max(picture.height, LEAST_SIDE_PX))
    if size == picture.size:
        return picture
    wider = Image.new("RGB", size, "white")
    wider.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 2))
    return wider


def _lines_of(picture: Image.Image) -> str:
    image = np.asarray(picture)[:, :, ::-1]
    boxes = _reader()(image).boxes
    pieces = [] if boxes is None else _read(image, sorted(boxes, key=_height, reverse=True)[:MAX_PIECES])
    return _STREET.sub("Jl.", "\n".join(_in_lines(pieces)))


def _read(image: np.ndarray, boxes: list[np.ndarray]) -> list[tuple[np.ndarray, str]]:
    """The boxes that hold text, with it; raises UnreadablePicture after READING_S."""
    until = time.monotonic() + READING_S
    reader = _reader()
    boxes = sorted(boxes, key=lambda box: float(np.linalg.norm(box[1] - box[0])) / max(_height(box), 1.0))
    pieces: list[tuple[np.ndarray, str]] = []
    for at in range(0, len(boxes), AT_ONCE):  # of like shape together: all are padded to the longest
        if time.monotonic() > until:
            raise UnreadablePicture("tulisan di gambar terlalu banyak; potong bagian yang penting lalu kirim lagi")
        some = boxes[at : at + AT_ONCE]
        found = reader.recognize_txt(reader.cut_out(image, some))
        pieces += [
            (box, text)
            for box, text, score in zip(some, found.txts, found.scores, strict=True)
            if text.strip() and score >= reader.text_score
        ]
    return pieces


def _height(box: np.ndarray) -> float:
    """Height in pixels of a box given by its corners, shape (4, 2), from top left clockwise."""
    return float(np.linalg.norm(box[0] - box[3]))


@lru_cache(maxsize=1)
def _reader():
    """The reader with its models, loaded at the first picture: most processes never see one."""
    from rapidocr import RapidOCR

    class Reader(RapidOCR):
        """Finds boxes without cutting all of them out, which on a page of small print takes longer than finding them."""

        cut_out = RapidOCR.crop_text_regions

        def crop_text_regions(self, img: np.ndarray, det_boxes: np.ndarray) -> list[np.ndarray]:
            return []

    return Reader(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Global.use_rec": False,  # done piece by piece in _read, where the clock is looked at
            "Global.max_side_len": READ_SIDE_PX,
            "Det.limit_type": "max",
            "Det.limit_side_len": FIND_SIDE_PX,
            "EngineConfig.onnxruntime.intra_op_num_threads": 2,
        }
    )


def _in_lines(pieces: list[tuple[np.ndarray, str]]) -> list[str]:
    """Pieces of text, each with its four corners of shape (4, 2), put together to lines as a person reads them."""
    lines: list[list[tuple[float, float, float, str]]] = []
    for corners, text in sorted(pieces, key=lambda piece: float(piece[0][:, 1].mean())):
        middle, left, height = (
            float(corners[:, 1].mean()),
            float(corners[:, 0].min()),
            _height(corners),
        )
        same = next((line for line in lines if abs(line[-1][1] - middle) < min(line[-1][2], height) / 2), None)
        if same is None:
            lines.append([(left, middle, height, text)])
        else:
            same.append((left, middle, height, text))
    return [" ".join(text for _, _, _, text in sorted(line)) for line in lines]
