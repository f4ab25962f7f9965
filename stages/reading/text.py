"""Bytes to text: gzip and zstd as they are, strict decoding, a cap on what a file may expand to."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from stages.harness.errors import UserError

_CHUNK = 1 << 20  # bytes
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        magic = file.read(4)
    if magic.startswith(_GZIP):
        return gzip.open(path, "rb")  # type: ignore[return-value]
    if magic == _ZSTD:
        import zstandard

        return zstandard.open(path, "rb")
    if path.suffix in (".gz", ".zst"):
        raise UserError(f"{path} is no {path.suffix[1:]} file whatever its name says; fetch it again.")
    return path.open("rb")


def _chunks(path: Path, max_bytes: int) -> Iterator[bytes]:
    total = 0
    try:
        with _open(path) as file:
            while chunk := file.read(_CHUNK):
                total += len(chunk)
                if total > max_bytes:
                    raise UserError(
                        f"{path} expands to more than {max_bytes:,} bytes; if that is right, raise "
                        "normalize.max_file_bytes in params.yaml."
                    )
                yield chunk
    except EOFError:
        raise UserError(
            f"{path} is cut off: the compressed data ends after {total:,} bytes of text; fetch it again."
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} is damaged after {total:,} bytes of text ({error}); fetch it again.") from None
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; check sources.*.path in params.yaml.") from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise UserError(f"{path} is damaged after {total:,} bytes of text ({error}); fetch it again.") from None


def text_chunks(path: Path, encoding: str, max_bytes: int) -> Iterator[str]:
    """Yield the text of ``path`` in chunks, decoded strictly as ``encoding`` (a byte order mark is dropped).

    Raises :class:`UserError` with file, line and byte when a byte does not belong to the encoding, when compressed
    data is cut off or damaged, and when the file expands to more than ``max_bytes``.
    """
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        decoder = codecs.getincrementaldecoder(name)("strict")
    except LookupError:
        raise UserError(f"{path}: there is no encoding called {encoding!r}; see Python's list of codecs.") from None
    line, offset, first = 1, 0, True
    chunk = b""
    try:
        for chunk in _chunks(path, max_bytes):
            if first and name == "utf-8-sig":
                for mark, other in _BYTE_ORDER_MARKS.items():
                    if chunk.startswith(mark):
                        raise UserError(f"{path} is {other}, not UTF-8; say `encoding: {other}` in its source entry.")
            first = False
            text = decoder.decode(chunk)
            yield text
            line += text.count("\n")
            offset += len(chunk)
        chunk = b""
        if text := decoder.decode(b"", final=True):
            yield text
    except UnicodeDecodeError as error:
        good = error.object[: error.start].count(b"\n")
        raise UserError(
            f"{path}, line {line + good}: byte {offset + error.start - (len(error.object) - len(chunk)):,} is not "
            f"{encoding}; convert the file or name its encoding in its source entry (`encoding: gb18030`, say)."
        ) from None
