"""The schema of facts: one row = what is true of one clean record, whatever the thresholds."""

import pyarrow as pa

from winnow.facts import asked, measures, rating, statistics
from winnow.facts.flags import flags
from winnow.facts.tags import tags

FACTS = pa.schema(
    [
        pa.field("row_id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("content_hash", pa.string()),
        pa.field("parents", pa.list_(pa.string())),
        pa.field("margin", pa.float64()),
        *measures.FIELDS,
        pa.field("audit_language", pa.string()),
        *asked.FIELDS,
        *rating.FIELDS,
        *statistics.FIELDS,
        *flags.FIELDS,
        *tags.FIELDS,
    ]
)
