"""Licences of rows that bring their own: an entry may keep them, or put a narrower one in their place."""

from winnow.harness.errors import UserError
from winnow.records.licence import BY_ROW

_FREE = frozenset({"CC0-1.0", "PDDL-1.0", "Unlicense", "0BSD", "MIT-0", "WTFPL", "CC-PDDC"})
_NOTICE = frozenset(
    [
        *("MIT", "ISC", "Zlib", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ODC-By-1.0", "AFL-3.0", "BSL-1.0"),
        *("CC-BY-2.0", "CC-BY-2.5", "CC-BY-3.0", "CC-BY-4.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0"),
    ]
)


def is_narrower(license_: str, than: str) -> bool:
    """Tell whether rows under ``than`` may go on under ``license_``: the same, or one that surely asks no less.

    Works in the public domain may go under any licence, those that ask for no more than a notice under any that keeps
    it. All others (share alike, no commercial use, no derivatives, unknown) stay as they are.

    >>> is_narrower("CC-BY-NC-4.0", "MIT"), is_narrower("MIT", "CC-BY-NC-4.0"), is_narrower("CC0-1.0", "MIT")
    (True, False, False)
    """
    return license_ == than or than in _FREE or (than in _NOTICE and license_ not in _FREE and license_ != "other")


def license_of(own: str | None, entry: str, license_name: str, source: str, where: str) -> str:
    """Return the licence of a row whose source says its ``own`` one, in an entry whose licence is ``entry``.

    Raises :class:`UserError` where the entry's licence would allow more than the row's, or names none for the row.
    """
    if own is None:
        if entry == BY_ROW:
            raise UserError(f"{where}: the row says no licence, and sources.{source}.license is {BY_ROW}; name one.")
        return entry
    if entry == BY_ROW:
        if own == "other" and not license_name:
            raise UserError(f"{where}: the row's licence is `other`; sources.{source}.license_name must say which.")
        return own
    if not is_narrower(entry, own):
        raise UserError(
            f"{where}: the row is under {own!r}, and sources.{source}.license is {entry}, which is not surely "
            f"narrower; write `license: {BY_ROW}` to keep the licence of each row."
        )
    return entry
