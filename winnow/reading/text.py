"""Decode raw files: decompress them, decode strictly, cap what a file may expand to."""

import codecs
import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path

from winnow.harness.errors import UserError
from winnow.reading.encodings import advice, looks_utf16
from winnow.reading.packed import Damaged, kind_of, open_packed

_CHUNK = 1 << 20  # bytes
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def is_compressed(path: Path) -> bool:
    """Tell by the first bytes of a file whether it is compressed."""
    return bool(kind_of(path))


def _chunks(path: Path, max_bytes: int, start: int, end: int | None) -> Iterator[bytes]:
    total = 0
    try:
        with open_packed(path, max_bytes) as file:
            if start:
                file.seek(start)
            while chunk := file.read(_CHUNK if end is None else min(_CHUNK, end - start - total)):
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
    except (gzip.BadGzipFile, zlib.error, lzma.LZMAError, Damaged) as error:
        raise UserError(f"{path} is damaged after {total:,} bytes of text ({error}); fetch it again.") from None
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; check sources.*.path in params.yaml.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from error


def is_utf8(encoding: str) -> bool:
    """Tell whether ``encoding`` is a name of UTF-8.

    >>> is_utf8("UTF_8"), is_utf8("utf-16")
    (True, False)
    """
    return encoding.lower().replace("_", "-") in ("utf-8", "utf8")


def text_chunks(path: Path, encoding: str, max_bytes: int, start: int = 0, end: int | None = None) -> Iterator[str]:
    """Yield the text of ``path`` in chunks, decoded strictly as ``encoding`` (a byte order mark is dropped).

    ``start`` and ``end`` limit it to some bytes of a file that is not compressed.

    Raises :class:`UserError` with file, line and byte when a byte does not belong to the encoding, when compressed
    data is cut off or damaged, and when the file expands to more than ``max_bytes``.
    """
    name = ("utf-8-sig" if start == 0 else "utf-8") if is_utf8(encoding) else encoding
    try:
        " ".encode(name)  # fails for what is no encoding of text, such as base64
        decoder = codecs.getincrementaldecoder(name)("strict")
    except (LookupError, ValueError):
        raise UserError(f"{path}: there is no encoding called {encoding!r}; see Python's list of codecs.") from None
    line, offset, first = 1, start, start == 0
    chunk = b""
    try:
        for chunk in _chunks(path, max_bytes, start, end):
            if offset == 0 and name == "utf-8-sig":
                for mark, other in _BYTE_ORDER_MARKS.items():
                    if chunk.startswith(mark):
                        raise UserError(f"{path} is {other}, not UTF-8; say `encoding: {other}` in its source entry.")
                if bare := looks_utf16(chunk):
                    raise UserError(f"{path} is {bare}, not UTF-8; say `encoding: {bare}` in its source entry.")
            text = decoder.decode(chunk)
            if first and text:
                first, text = False, text.removeprefix("\ufeff")
            yield text
            line += text.count("\n")
            offset += len(chunk)
        chunk = b""
        if text := decoder.decode(b"", final=True):
            yield text
    except UnicodeDecodeError as error:
        line += error.object[: error.start].decode(error.encoding, "replace").count("\n")
        what = advice(error.object, error.start) if is_utf8(encoding) else "name the encoding that the file is in"
        raise UserError(
            f"{path}, line {line}: byte {offset + error.start - (len(error.object) - len(chunk)):,} is not "
            f"{encoding}; {what}."
        ) from None
    except UnicodeError as error:
        raise UserError(f"{path} is not {encoding} ({error}); name its encoding in its source entry.") from None
