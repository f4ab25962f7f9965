"""Stage ``clean``: fix what can be fixed with certainty, and keep every edit."""

import click

from winnow.cleaning.rules import RULES
from winnow.harness.options import options
from winnow.harness.settings import Run, stage


def _flag(name: str) -> str:
    """Return the pair of flags of a rule; one whose name says no already has keep for its opposite.

    >>> _flag("html"), _flag("no_output")
    ('--html/--no-html', '--no-output/--keep-no-output')
    """
    on = name.replace("_", "-")
    return f"--{on}/--keep-{on}" if on.startswith("no-") else f"--{on}/--no-{on}"


@stage("clean", shared=("buckets",))
@options(click.option(_flag(rule.name), required=True, help=rule.sentence) for rule in RULES)
def main(run: Run, buckets: int, **switches: bool) -> None:
    """Apply patches, then fix text by named rules, each with its own switch; every edit is kept, before and after."""
    from winnow.cleaning.buckets import Cleaned, Task, clean_bucket
    from winnow.harness.display import say
    from winnow.harness.processes import map_buckets
    from winnow.patches.digests import by_digest
    from winnow.patches.patch import Patch, each_patch
    from winnow.storage.buckets import bucket_of

    normalized, augmented = run.input("data/normalize/records"), run.input("data/augment/records")
    records, edits, matches = (run.folder(f"data/clean/{name}") for name in ("records", "edits", "matches"))
    rules = [rule for rule in RULES if switches[rule.name]]
    patches: list[dict[str, Patch]] = [{} for _ in range(buckets)]
    drops = by_digest(every := list(each_patch(run.input("data/patches"))))
    for patch in every:
        patches[bucket_of(patch.row_id, buckets)][patch.row_id] = patch
    counts = Cleaned()
    tasks = [Task(n, normalized, records, edits, matches, rules, patches[n], drops, augmented) for n in range(buckets)]
    for of_bucket in map_buckets(clean_bucket, tasks):
        counts.add(of_bucket)
    written = sum(len(patch.edits) for of_bucket in patches for patch in of_bucket.values())
    stale = written - counts.patched
    run.metrics(
        {"rows": counts.rows, "edits": counts.by_rule(RULES), "patches": {"edits": counts.patched, "stale": stale}}
    )
    for row_id, name in sorted(counts.stale):
        again = f"look at it, then winnow patch {row_id} --rebind --reason …, or delete the patch"
        say(f"stale: the source has changed {name} of {row_id} since its patch was made; {again}", err=True)
    run.plot("edits", ["source", "rule", "edits"], [[*key, counts.edits[key]] for key in sorted(counts.edits)])


if __name__ == "__main__":
    main()
