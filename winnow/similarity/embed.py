"""Pairs of rows with alike sentence vectors, exactly: blocks of a matrix product, never the whole of it.

The model lies in a local folder and nothing is ever downloaded. Its time grows with the square of the rows.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.records import views
from winnow.similarity.forest import Links
from winnow.similarity.parts import COLUMNS
from winnow.similarity.ranked import Semantic, best
from winnow.similarity.sketches import Task
from winnow.storage.buckets import each_batch
from winnow.storage.types import Floats, Ints

Vectors = npt.NDArray[np.float32]
Encoder = Callable[[list[str]], Vectors]
_BLOCK = 1_024  # rows whose products with all other rows are in memory at a time
_TEXTS = 512  # texts that the model encodes at a time
_DIGITS = 4  # below them, products differ with the number of threads


def alike_pairs(
    tasks: list[Task], sizes: list[int], rows: Ints, kinds: npt.NDArray[np.int32], semantic: Semantic
) -> Iterator[tuple[Links, Floats]]:
    """Yield, some rows at a time, the best pairs (row, later row) that reach the floor, and their similarities."""
    whole, turns = _write_vectors(tasks, sum(sizes), encoder(semantic.model))
    for kind in np.unique(kinds[rows]):
        some = rows[kinds[rows] == kind]
        for start in range(0, len(some), _BLOCK):
            block = some[start : start + _BLOCK]
            yield best(*_pairs(whole, turns, block, some[start:], semantic.floor), semantic.links)


def _pairs(whole: Vectors, turns: Vectors, block: Ints, rows: Ints, floor: float) -> tuple[Links, Floats]:
    mine = np.ascontiguousarray(whole[block])
    links, values = [np.zeros((0, 2), np.int64)], [np.zeros(0)]
    for start in range(0, len(rows), 16 * _BLOCK):
        others = rows[start : start + 16 * _BLOCK]
        products = mine @ whole[others].T
        at, other = np.nonzero(products >= floor - 10.0**-_DIGITS)
        pairs = np.stack([block[at], others[other]], axis=1)
        exact = np.einsum("ij,ij->i", turns[pairs[:, 0]].astype(np.float64), turns[pairs[:, 1]])
        value = np.round(np.minimum(products[at, other].astype(np.float64), exact), _DIGITS)
        kept = (value >= floor) & (pairs[:, 0] < pairs[:, 1])
        links.append(pairs[kept])
        values.append(np.minimum(value[kept], 1.0))
    return np.concatenate(links), np.concatenate(values)


def _write_vectors(tasks: list[Task], count: int, encode: Encoder) -> tuple[Vectors, Vectors]:
    """Return the unit vectors of whole rows and of their turns alone, as files that are mapped.

    The files are written and then mapped: what is written to a mapping of a full disk kills the process (SIGBUS).
    """
    size = encode(["size"]).shape[1]
    files = [tasks[0].scratch / f"embed-{part}" for part in ("whole", "turns")]
    with files[0].open("wb") as whole, files[1].open("wb") as of_turns:
        for task in tasks:
            for table in each_batch(task.records, task.bucket, COLUMNS):
                texts, turns = views.compared(table), views.said_and_rejected(table)
                vectors = encoded(encode, texts)
                whole.write(vectors.tobytes())
                differ = np.flatnonzero(pc.not_equal(texts, turns).to_numpy(zero_copy_only=False))
                vectors[differ] = encoded(encode, turns.take(pa.array(differ)))
                of_turns.write(vectors.tobytes())
    if not count:  # an empty file cannot be mapped
        return np.zeros((0, size), np.float32), np.zeros((0, size), np.float32)
    one, other = (np.memmap(file, np.float32, "r", shape=(count, size)) for file in files)
    return one, other


def encoded(encode: Encoder, texts: pa.Array) -> Vectors:
    """Return the unit vectors of texts."""
    parts = [encode(texts.slice(start, _TEXTS).to_pylist()) for start in range(0, len(texts), _TEXTS)]
    vectors = np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, encode(["size"]).shape[1]), "f4")
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def encoder(folder: str, group: str = "neighbours") -> Encoder:
    """Return the encoder of the model in ``folder``, of model2vec or sentence-transformers, as its files say.

    ``group`` is the group of params.yaml that names the folder.

    Raises :class:`UserError` when there is no folder, the package is missing, or the folder has no such model.
    """
    if not folder or not Path(folder).is_dir():
        raise UserError(
            f"params.yaml: {group}.semantic_model is {folder!r}, which is no folder; semantic: embed needs the "
            "local folder of a sentence-embedding model."
        )
    os.environ["HF_HUB_OFFLINE"] = "1"  # a folder that lacks a file is an error, never a download
    transformer = _is_transformer(Path(folder))
    package = "sentence-transformers" if transformer else "model2vec"
    try:
        return _transformer(folder) if transformer else _static(folder)
    except ImportError as error:
        raise UserError(f"{group}.semantic: embed needs the package {package}; install it ({error}).") from None
    except Exception as error:  # whatever such a package raises on a folder that it cannot read
        raise UserError(f"{folder} has no model that {package} can load: {error}.") from error


def _is_transformer(folder: Path) -> bool:
    """Return whether sentence-transformers must load the model; model2vec writes some of that package's files too."""
    modules = folder / "modules.json"
    return modules.is_file() and "StaticEmbedding" not in modules.read_text(encoding="utf-8")


def _static(folder: str) -> Encoder:
    from model2vec import StaticModel  # type: ignore[import-not-found,unused-ignore]

    model = StaticModel.from_pretrained(folder)
    return lambda texts: np.asarray(model.encode(texts, use_multiprocessing=False))


def _transformer(folder: str) -> Encoder:
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found,unused-ignore]

    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    return lambda texts: np.asarray(model.encode(texts, show_progress_bar=False))
