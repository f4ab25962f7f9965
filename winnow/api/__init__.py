"""What ``import winnow`` offers; thin callers of the rooms, as the commands are."""

from winnow.api.frames import to_pandas
from winnow.api.raw import RawFiles, clean, edits, read
from winnow.api.version import Version, open
from winnow.harness.errors import UserError
from winnow.release.validate.report import Report, validate
from winnow.versions.difference import Difference

__all__ = [
    "Difference",
    "RawFiles",
    "Report",
    "UserError",
    "Version",
    "clean",
    "edits",
    "open",
    "read",
    "to_pandas",
    "validate",
]
