"""The bytes of raw files: gzip, zstd, bzip2, xz and LZ4 are expanded by their first bytes, whatever the name says."""

import gzip
import io
import re
from pathlib import Path
from typing import Any

from winnow.harness.errors import UserError

SUFFIXES = frozenset({".gz", ".zst", ".bz2", ".xz", ".lz4"})
_STEP = 1 << 10  # bytes of zstd data that are expanded at once: at most 32 MiB of text
_WINDOW = 1 << 31  # bytes of text that a zstd file may look back, and that are held: the most that zstd allows
_GZIP, _ZSTD, _XZ, _LZ4 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\x00", b"\x04\x22\x4d\x18"
_BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
_OTHERS = {
    b"PK\x03\x04": "a zip archive or a workbook; unpack it, or name it .xlsx",
    b"Rar!": "a rar archive; unpack it",
    b"7z\xbc\xaf": "a 7z archive; unpack it",
    b"PAR1": "a Parquet file; name it .parquet",
    b"ARROW1": "an Arrow file; name it .arrow",
}


class Damaged(Exception):
    """Compressed data that cannot be expanded."""


def kind_of(path: Path) -> str:
    """Return the compression of a file as an ending, by its first bytes; "" where it has none."""
    with path.open("rb") as file:
        magic = file.read(10)
    known = {".gz": _GZIP, ".zst": _ZSTD, ".xz": _XZ, ".lz4": _LZ4}
    if found := next((suffix for suffix, start in known.items() if magic.startswith(start)), ""):
        return found
    if _BZIP2.match(magic):
        return ".bz2"
    if other := next((what for start, what in _OTHERS.items() if magic.startswith(start)), None):
        raise UserError(f"{path} is {other}.")
    return ""


def open_packed(path: Path, max_bytes: int) -> io.BufferedIOBase:
    """Open a file for its expanded bytes.

    A zstd file may look back 2 GiB (``zstd --long=31``), at most ``max_bytes`` or 128 MiB; that much memory it takes.
    Raises :class:`UserError` for a file that is no such file though its name says so.
    """
    match kind_of(path):
        case ".gz":
            return gzip.open(path, "rb")
        case ".zst":
            return io.BufferedReader(_Zstd(path, min(_WINDOW, max(max_bytes, 1 << 27))), 1 << 20)
        case ".bz2":
            import bz2

            return bz2.open(path, "rb")
        case ".xz":
            import lzma

            return lzma.open(path, "rb")
        case ".lz4":
            import pyarrow as pa

            return pa.CompressedInputStream(pa.OSFile(str(path)), "lz4")
    if path.suffix in SUFFIXES:
        raise UserError(f"{path} is no {path.suffix[1:]} file whatever its name says; fetch it again.")
    return path.open("rb")


def pack(data: bytes, kind: str) -> bytes:
    """Return ``data`` compressed as a file of the ending ``kind`` is; the same bytes for the same data."""
    match kind:
        case ".gz":
            return gzip.compress(data, mtime=0)
        case ".zst":
            import zstandard

            return zstandard.ZstdCompressor().compress(data)
        case ".bz2":
            import bz2

            return bz2.compress(data)
        case ".xz":
            import lzma

            return lzma.compress(data)
        case ".lz4":
            import pyarrow as pa

            sink = pa.BufferOutputStream()
            with pa.CompressedOutputStream(sink, "lz4") as stream:
                stream.write(data)
            return sink.getvalue().to_pybytes()
    return data


class _Zstd(io.RawIOBase):
    """The text of a zstd file, all its frames; unlike ``zstandard.open`` it raises EOFError when the last is cut."""

    def __init__(self, path: Path, window: int) -> None:
        import zstandard

        self._path, self._window = path, window
        self._file, self._zstd = path.open("rb"), zstandard
        self._text, self._inside = memoryview(b""), False
        self._frame = self._new()

    def _new(self) -> Any:
        return self._zstd.ZstdDecompressor(max_window_size=self._window).decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._text:
            packed = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._inside = self._new(), False
            packed = packed or self._file.read(_STEP)
            if not packed:
                if self._inside:
                    raise EOFError
                return 0
            self._inside = True
            try:
                self._text = memoryview(self._frame.decompress(packed))
            except self._zstd.ZstdError as error:
                raise self._problem(str(error)) from None
        count = min(len(buffer), len(self._text))
        buffer[:count], self._text = self._text[:count], self._text[count:]
        return count

    def _problem(self, problem: str) -> Exception:
        if "too much memory" in problem or "window" in problem.lower():
            return UserError(
                f"{self._path} looks back further than {self._window:,} bytes (its window), and reading it would take "
                "that much memory; raise normalize.max_file_bytes in params.yaml, or compress it without --long."
            )
        return Damaged(problem)

    def close(self) -> None:
        self._file.close()
        super().close()
