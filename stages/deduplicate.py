"""Stage ``deduplicate``: one row of each group of duplicates stays."""

from typing import Any

import click

from winnow.harness.options import LIST, WORDS, RangeOrOff
from winnow.harness.settings import Run, stage

_LINKS = ("floor", "semantic", "semantic_floor")


@stage(
    "deduplicate",
    shared=("buckets", "sources", "augment.plans", *(f"neighbours.{one}" for one in _LINKS)),
)
@click.option(
    "--scope", type=WORDS, required=True,
    help="What makes rows duplicates, one or several: row (equal or near as a whole), prompt (the same prompt; as "
    "same_prompt: keep_best), response (the same reply of substance to other prompts).",
)  # fmt: skip
@click.option(
    "--near-similarity", type=click.FloatRange(0.5, 1), required=True,
    help="Jaccard similarity from which two rows are near-duplicates; at least neighbours.floor.",
)  # fmt: skip
@click.option(
    "--semantic-similarity", type=RangeOrOff(0, 1), required=True,
    help="Cosine from which two rows say the same in other words, or off; at least neighbours.semantic_floor.",
)  # fmt: skip
@click.option(
    "--fold-scripts/--keep-scripts", required=True,
    help="Whether traditional Chinese is the same as simplified (OpenCC); changes what neighbours finds.",
)  # fmt: skip
@click.option(
    "--same-prompt", type=click.Choice(["keep_all", "keep_best", "pairs"]), required=True,
    help="Rows with one prompt and several replies: all stay, the best stays, or it is chosen over those rated lower.",
)  # fmt: skip
@click.option(
    "--contradictions/--keep-contradictions", required=True, help="Drop rows that contradict others (KTO, pairs)."
)
@click.option(
    "--prefer", type=LIST, required=True,
    help="Numeric facts by which a row stays before another, most important first: the higher, with a leading - lower.",
)  # fmt: skip
@click.option(
    "--prefer-sources", type=LIST, required=True, help="Then sources whose rows stay, best first; then the smallest id."
)
def main(  # noqa: PLR0913, PLR0917 - one argument for each setting
    run: Run,
    buckets: int,
    sources: dict[str, Any],
    augment_plans: dict[str, Any],
    neighbours_floor: float,
    neighbours_semantic: str | bool,
    neighbours_semantic_floor: float,
    scope: list[str],
    near_similarity: float,
    semantic_similarity: float,
    fold_scripts: bool,
    same_prompt: str,
    contradictions: bool,
    prefer: list[str],
    prefer_sources: list[str],
) -> None:
    """Drop duplicates; the decision names the row that stays and the similarity."""
    from winnow.gates.chain import before
    from winnow.gates.children import apart, children_of, with_children
    from winnow.gates.comparing import by_script, comparison
    from winnow.gates.decisions import PLOT_HEADER, alive, deciding, write_decisions
    from winnow.gates.deduplicating import Floors, among, check_settings, deduplicate, linked_by, passes, rated_by
    from winnow.gates.preferred import check_prefer, facts_of, preference
    from winnow.reading.planned import plans_of
    from winnow.storage.buckets import read_all

    floors = Floors(neighbours_floor, neighbours_semantic_floor, neighbours_semantic)
    check_settings(scope, near_similarity, semantic_similarity, same_prompt, prefer, floors)
    annotate, entered = run.input("data/annotate"), run.input(f"data/{before('deduplicate')}")
    names = sorted({*check_prefer(prefer, annotate), "kind", "turns"})
    order = passes(near_similarity, semantic_similarity, scope, same_prompt)
    children = children_of(annotate, buckets, augment_plans)
    neighbours = apart(read_all(run.input("data/neighbours/links"), buckets), children)
    compare = comparison(run.input("data/neighbours/sketches"), buckets)
    linked = linked_by(neighbours, order)
    facts = facts_of(linked, annotate, buckets, names)
    rated = rated_by(facts, prefer[0]) if same_prompt == "pairs" else None
    rank = preference(linked, facts, prefer, prefer_sources, [*plans_of(sources).values(), *augment_plans])
    living, kinds = among(linked, alive(entered, buckets)), facts["kind"] if contradictions else None
    drops, notes = deduplicate(linked, neighbours, rank, living, order, rated, compare(linked), kinds)
    drops = by_script(drops, neighbours) if fold_scripts else drops
    drops = with_children(drops, children, augment_plans, alive(entered, buckets))
    funnel = write_decisions(run.folder("data/deduplicate"), alive(entered, buckets), deciding(drops, notes))
    run.metrics(funnel.metrics())
    run.plot("dropped", PLOT_HEADER, funnel.plot())


if __name__ == "__main__":
    main()
