"""Release formats, one module each: ``EXTENSION``, ``KINDS``, ``fragment`` (one bucket) and ``join`` (all of them)."""

from stages.release.formats import messages, parquet

FORMATS = {"messages": messages, "parquet": parquet}
"""Every format by the name that ``export.formats`` uses; a format's folder has that name too."""
