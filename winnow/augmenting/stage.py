"""The work of the stage ``augment``: the rows of every plan, bucket by bucket."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from winnow.augmenting.constrain import Making, Pick, Task, count_bucket, make_bucket, pick_bucket, selected
from winnow.augmenting.plans import Plan
from winnow.constraints.kinds import Kind
from winnow.constraints.shares import Shares
from winnow.facts.subject import Settings
from winnow.harness.processes import map_buckets
from winnow.patches.patch import Patch
from winnow.reading.spill import spilled
from winnow.records.schema import RECORDS
from winnow.storage.buckets import bucket_of, part
from winnow.storage.parquet import TableWriter

_BATCH = 8_192  # rows that are written at once


class Inputs(NamedTuple):
    """What all plans read: normalized records, patches by bucket, kinds of constraints, settings of the tags."""

    records: Path
    patches: Sequence[Mapping[str, Patch]]
    kinds: Sequence[Kind]
    settings: Settings


def augment(plans: Sequence[Plan], inputs: Inputs, scratch: Path, out: Path, buckets: int) -> Counter[tuple[str, ...]]:
    """Write the rows of all plans to ``out`` and return how many there are by plan, task type, language and kind.

    A key of one name counts the rows of a plan.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    for number, plan in enumerate(plans):
        picks = _picks(plan, inputs, buckets)
        for one in picks:
            counts[(plan.name,)] += 1
            counts.update((plan.name, one.task, one.language, kind) for kind in one.kinds)
        by_bucket: list[dict[str, Pick]] = [{} for _ in range(buckets)]
        for one in picks:
            by_bucket[bucket_of(one.row_id, buckets)][one.row_id] = one
        tasks = _tasks(plan, inputs, buckets)
        makings = [Making(task, by_bucket[n], scratch, number * buckets + n, buckets) for n, task in enumerate(tasks)]
        assert sum(map_buckets(make_bucket, makings)) == len(picks)
    for bucket in range(buckets):
        table = spilled(scratch, "children", bucket).sort_by("row_id")
        with TableWriter(part(out, bucket), RECORDS) as writer:
            for start in range(0, max(len(table), 1), _BATCH):
                writer.write(table.slice(start, _BATCH))
    return counts


def _picks(plan: Plan, inputs: Inputs, buckets: int) -> list[Pick]:
    shares, tasks = Shares(), []
    first = _tasks(plan, inputs, buckets)
    for task, (of_bucket, rows) in zip(first, map_buckets(count_bucket, first), strict=True):
        shares.add(of_bucket)
        tasks.append(replace(task, rows=rows))
    found = map_buckets(pick_bucket, [replace(task, shares=shares) for task in tasks])
    return selected(plan, (pick for picks in found for pick in picks), shares)


def _tasks(plan: Plan, inputs: Inputs, buckets: int) -> list[Task]:
    return [Task(n, inputs.records, inputs.patches[n], plan, inputs.kinds, inputs.settings) for n in range(buckets)]
