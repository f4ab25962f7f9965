"""Stage ``report``: one page for the person who decides on a release."""

from functools import partial
from typing import Any

import click

from stages.harness.settings import Run, read_params, stage


@stage("report", shared=("buckets", "sources"))
@click.option("--examples", type=click.IntRange(0, 100), required=True, help="Examples per reason, rule and limit.")
def main(run: Run, buckets: int, sources: dict[str, Any], examples: int) -> None:
    """Show what came in, what went out and why, with examples, on one page that needs no network and no script."""
    import csv
    import json
    from pathlib import Path

    from stages.harness.metrics import write_text
    from stages.harness.processes import map_buckets
    from stages.page import survey as surveys
    from stages.page.bins import EDGES
    from stages.page.content import choose, content
    from stages.page.render import render
    from stages.page.texts import Texts, fetch, tasks
    from stages.storage.buckets import bucket_of

    edges = surveys.edges(buckets)
    survey = surveys.Survey(examples)
    for found in map_buckets(surveys.survey_bucket, [surveys.Task(n, examples, edges) for n in range(buckets)]):
        survey.add(found)
    choice = choose(survey)
    texts = Texts()
    wanted = tasks(
        buckets,
        partial(bucket_of, buckets=buckets),
        choice.row_ids(),
        set(choice.sample),
        [place for places in choice.edits.values() for place in places],
        [place for places in choice.units.values() for place in places],
    )
    for read in map_buckets(fetch, wanted):
        texts.add(read)

    def numbers(path: str) -> Any:
        return json.loads(Path(path).read_text(encoding="utf-8"))

    with Path("metrics/plots/normalize/units.csv").open(encoding="utf-8", newline="") as file:
        units = list(csv.DictReader(file))
    page = content(
        (read_params().get("export") or {}).get("name", ""),
        sources,
        units,
        numbers("metrics/overlaps.json"),
        numbers("metrics/annotate.json").get("audit", {}),
        edges,
        survey,
        choice,
        texts,
    )
    write_text(run.folder("data/report") / "index.html", render(page))
    run.metrics(
        {
            "reasons": len(page["reasons"]),
            "remarks": len(page["remarks"]),
            "shown": {"rows": len(texts.short) + len(texts.full), "edits": len(texts.edits), "units": len(texts.units)},
        }
    )
    lengths = [[*key[:2], EDGES[key[2]], count] for key, count in sorted(survey.lengths.items())]
    run.plot("lengths", ["status", "field", "bin", "rows"], lengths)
    codes = sorted({code for _, code in survey.languages})
    languages = [[code, survey.languages["in", code], survey.languages["out", code]] for code in codes]
    run.plot("languages", ["language", "in", "out"], languages)


if __name__ == "__main__":
    main()
