"""Which tagged releases hold rows."""

from collections.abc import Collection
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from winnow.harness.errors import UserError
from winnow.versions.git import git
from winnow.versions.lines import INDEX
from winnow.versions.outputs import Revision


def tags_that_hold(
    row_ids: Collection[str] = (), hashes: Collection[str] = (), source: str | None = None
) -> list[tuple[str, str]]:
    """Return (tag, what) for each Git tag whose release holds a row by one of these ids, content hashes or of this
    source, and for each whose index cannot be read here. Tags of anything but a version of the data are passed over.
    """
    wanted = {"row_id": row_ids, "content_hash": hashes, "source": [source] if source else []}
    holders = []
    for tag in git("tag", "--list").split():
        try:
            git("cat-file", "-e", f"{tag}:dvc.lock")
        except UserError:
            continue
        try:
            index = Revision(tag).table(INDEX, [*wanted, "status"])
        except UserError as error:
            holders.append((tag, f"perhaps some: {error}"))
            continue
        masks = [pc.is_in(index[name], value_set=pa.array(sorted(some), pa.string())) for name, some in wanted.items()]
        if rows := pc.sum(pc.and_(reduce(pc.or_, masks), pc.equal(index["status"], "in"))).as_py():
            holders.append((tag, f"{rows:,} of them"))
    return holders
