"""Stage ``judge``: what the replies in the ledger say of each row, and what is still to be asked."""

from pathlib import Path

import click

from winnow.harness.options import LIST, MAP
from winnow.harness.settings import Run, stage


@stage("judge", shared=("buckets", "seed"))
@click.option("--rubrics", type=LIST, required=True, help="Files of data/rubrics by name; none: no model is asked.")
@click.option("--model", required=True, help="Name of the model as its server knows it; part of each request's key.")
@click.option("--answers-as", required=True, help="Name under which the server answers, where it is another.")
@click.option("--temperature", type=click.FloatRange(0, 2), required=True, help="Sampling temperature; 0 is greedy.")
@click.option("--max-tokens", type=click.IntRange(1), required=True, help="Tokens that one reply may have.")
@click.option(
    "--form",
    type=click.Choice(["json_schema", "json_object_schema", "json_object", "text"]),
    required=True,
    help="Form of a verdict: structured output (two ways), any JSON object, or the last lines of plain text.",
)
@click.option("--samples", type=click.IntRange(1, 64), required=True, help="Replies per question and row.")
@click.option("--extra", type=MAP, required=True, help="More fields of the request; null leaves one out.")
@click.option("--rows", type=click.Choice(["alive", "all"]), required=True, help="Rows judged: those alive, or all.")
@click.option(
    "--share", type=click.FloatRange(0, 1), required=True, help="Share of those rows, by a hash of their ids."
)
@click.option("--max-chars", type=click.IntRange(1), required=True, help="Characters above which a row is not judged.")
def main(run: Run, buckets: int, seed: int, **group: object) -> None:
    """Turn the replies that `winnow ask` bought into facts; list what is still to be asked. Opens no connection."""
    from winnow.harness.processes import map_buckets
    from winnow.judging.buckets import LEDGER, Task, judge_bucket, ledger_of
    from winnow.judging.judged import Counts
    from winnow.judging.numbers import headline, plots
    from winnow.judging.settings import settings

    found, total = settings(group, seed), Counts()
    facts, pending = run.folder("data/judge/facts"), run.folder("data/judge/pending")
    ledger = ledger_of(LEDGER) if found.rubrics else None
    tasks = [Task(bucket, Path(facts), Path(pending), found) for bucket in range(buckets)]
    for counts in map_buckets(judge_bucket, tasks):
        total.add(counts)
    run.metrics(headline(total, found, ledger))
    for name, (header, rows) in plots(total).items():
        run.plot(name, header, rows)


if __name__ == "__main__":
    main()
