"""Stage ``augment``: rows made from rows without a model."""

from typing import Any

import click

from winnow.harness.options import MAP
from winnow.harness.settings import Run, stage


@stage("augment", shared=("buckets", "seed", "sources", "annotate"))
@click.option("--plans", type=MAP, required=True, help="Plans by name: method, rows, parent and bounds of each.")
def main(
    run: Run, buckets: int, seed: int, sources: dict[str, Any], annotate: dict[str, Any], plans: dict[str, Any]
) -> None:
    """Make the rows of each plan from the rows that the sources have; `clean` and all that follows treats them alike.

    What task a row asks for is measured as `annotate` does, so that stage's settings count here too.
    """
    from winnow.augmenting.plans import plans as read_plans
    from winnow.augmenting.stage import Inputs, augment
    from winnow.constraints.kind_file import kinds
    from winnow.facts.subject import Settings
    from winnow.patches.patch import Patch, each_patch
    from winnow.storage.buckets import bucket_of

    listed = read_plans(plans, sources)
    models, tagger = run.input("data/models"), str(annotate["tag_model"])
    settings = Settings(
        cjk_weight=annotate["cjk_weight"],
        audit_share=0,
        seed=seed,
        trust_source=annotate["trust_source"],
        tag_model=str(models / f"{tagger}.parquet") if tagger else "",
    )
    patches: list[dict[str, Patch]] = [{} for _ in range(buckets)]
    for patch in each_patch(run.input("data/patches")):
        patches[bucket_of(patch.row_id, buckets)][patch.row_id] = patch
    every = list(kinds(run.input("data/constraints")).values())
    inputs = Inputs(run.input("data/normalize/records"), patches, every, settings)
    counts = augment(listed, inputs, run.scratch, run.folder("data/augment/records"), buckets)
    rows = {plan.name: counts[(plan.name,)] for plan in listed}
    run.metrics({"plans": len(listed), "rows": sum(rows.values())})
    lines = [[*key, count] for key, count in sorted(counts.items()) if len(key) > 1]
    run.plot("constraints", ["plan", "task", "language", "constraint", "rows"], lines)


if __name__ == "__main__":
    main()
