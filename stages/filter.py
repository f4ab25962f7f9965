"""Stage ``filter``: the first gate, named rules on facts."""

from typing import TYPE_CHECKING, Any

import click

from winnow.gates.rules import BY_NAME, RULES
from winnow.harness.options import LIMIT, LIST, options
from winnow.harness.settings import Run, stage

if TYPE_CHECKING:
    import pyarrow as pa


@stage("filter", shared=("buckets",))
@options(
    click.option(
        f"--{rule.name.replace('_', '-')}",
        type=bool if rule.switch else LIMIT,
        required=True,
        help=rule.sentence + (f" Limit in {rule.unit}." if rule.unit else ""),
    )
    for rule in RULES
)
@click.option("--note-only", type=LIST, required=True, help="Rules that only leave a note on a row and drop nothing.")
@click.option(
    "--lower-is-better",
    type=LIST,
    required=True,
    help="Sources whose lower score is the better one, so that a margin below zero is right.",
)
def main(run: Run, buckets: int, lower_is_better: list[str], **settings: Any) -> None:
    """Drop rows that people dropped or that break a rule; the decision names the rule, its value and its limit."""
    from winnow.gates.chain import before
    from winnow.gates.decisions import PLOT_HEADER, alive, rows_of, write_decisions
    from winnow.gates.filtering import COLUMNS, Margins, decide_by_rules, oriented_margins
    from winnow.patches import drops
    from winnow.patches.patch import each_patch
    from winnow.storage.buckets import each_bucket, read_all, read_bucket

    if unknown := sorted(set(map(str, settings["note_only"])) - set(BY_NAME)):
        raise click.UsageError(f"filter.note_only names {unknown[0]!r}, which is no rule.")
    annotate = run.input("data/annotate")
    patches = each_patch(run.input("data/patches"))
    matched = read_all(run.input("data/clean/matches"), buckets)
    matches = dict(zip(matched["row_id"].to_pylist(), matched["patch_row_id"].to_pylist(), strict=True))
    by_hand = drops.dropped_by_hand(lambda: each_bucket(annotate, buckets, drops.COLUMNS), patches, matches)

    if settings["preference_inverted"]:
        margins = Margins()
        for table in each_bucket(annotate, buckets, ["source", "kind", "margin"]):
            margins.add(table)
        margins.check(lower_is_better)

    def decisions(bucket: int, row_ids: "pa.Array") -> "pa.Table":
        facts = oriented_margins(rows_of(row_ids, read_bucket(annotate, bucket, COLUMNS)), lower_is_better)
        return decide_by_rules(facts, settings, by_hand)

    entered = alive(run.input(f"data/{before('filter')}"), buckets)
    funnel = write_decisions(run.folder("data/filter"), entered, decisions)
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
