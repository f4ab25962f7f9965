"""Stage ``report``: one page for the person who decides on a release."""

from functools import partial
from typing import Any

import click

from winnow.harness.settings import Run, read_params, stage


@stage("report", shared=("buckets", "sources"))
@click.option("--examples", type=click.IntRange(0, 100), required=True, help="Examples per reason, rule and limit.")
def main(run: Run, buckets: int, sources: dict[str, Any], examples: int) -> None:
    """Show what came in, what went out and why, with examples, on one page that needs no network and no script."""
    from winnow.gates.mix.facts import schema_of
    from winnow.harness.metrics import write_text
    from winnow.harness.processes import map_buckets
    from winnow.report import given
    from winnow.report.candidates import edges
    from winnow.report.choice import choose
    from winnow.report.content import content
    from winnow.report.plots import PLOTS, plots
    from winnow.report.render import render
    from winnow.report.survey import Survey, Task, survey_bucket
    from winnow.report.texts import Texts, fetch, tasks
    from winnow.storage.buckets import bucket_of

    told = given.read(read_params())
    facts, limits = schema_of("data/annotate").names, edges(buckets)
    survey = Survey(examples)
    for found in map_buckets(survey_bucket, [Task(n, examples, facts, limits, told.rules) for n in range(buckets)]):
        survey.add(found)
    choice, texts = choose(survey), Texts()
    for read in map_buckets(fetch, tasks(buckets, partial(bucket_of, buckets=buckets), choice)):
        texts.add(read)
    page = content(told, survey, choice, texts)
    write_text(run.folder("data/report") / "index.html", render(page))
    run.metrics(
        {
            "reasons": len(page["reasons"]),
            "remarks": len(page["remarks"]),
            "uneven": sum(one.rates.clear for one in page["uneven"]),
            "shown": {"rows": len(texts.short) + len(texts.full), "edits": len(texts.edits), "units": len(texts.units)},
        }
    )
    for name, lines in plots(survey, page).items():
        run.plot(name, PLOTS[name], lines)


if __name__ == "__main__":
    main()
