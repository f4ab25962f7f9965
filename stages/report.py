"""Stage ``report``: one page for the person who decides on a release."""

import json
from pathlib import Path
from typing import Any

import click

from winnow.harness.settings import Run, stage


@stage("report", shared=("buckets", "sources", "export.name", "filter"))
@click.option("--examples", type=click.IntRange(0, 100), required=True, help="Examples per reason, rule and limit.")
def main(
    run: Run, buckets: int, sources: dict[str, Any], examples: int, export_name: str, filter: dict[str, Any]
) -> None:
    """Show what came in, what went out and why, with examples, on one page that needs no network and no script."""
    from winnow.gates.chain import GATES
    from winnow.gates.mix.facts import schema_of
    from winnow.harness.metrics import plot_lines, write_text
    from winnow.harness.processes import map_buckets
    from winnow.patches.drops import units_taken_down
    from winnow.patches.patch import each_patch
    from winnow.report.examples.choice import choose
    from winnow.report.examples.texts import Texts, fetch, text_tasks
    from winnow.report.inputs import Inputs, Settings, StageMetrics
    from winnow.report.page import Page
    from winnow.report.render import render
    from winnow.report.survey.candidates import gate_limits
    from winnow.report.survey.survey import Survey, SurveyTask, survey_bucket
    from winnow.report.tables import Tables

    settings = Settings(export_name, sources, filter)
    metrics = StageMetrics(
        annotate=_map(run.input("metrics/annotate.json")),
        judge=_map(run.input("metrics/judge.json")),
        units=plot_lines(run.input("metrics/plots/normalize/units.csv")),
        benchmarks=plot_lines(run.input("metrics/plots/overlaps/benchmarks.csv")),
        contaminated=plot_lines(run.input("metrics/plots/decontaminate/benchmarks.csv")),
        requests=plot_lines(run.input("metrics/plots/judge/requests.csv")),
        verdicts=plot_lines(run.input("metrics/plots/judge/verdicts.csv")),
        models=plot_lines(run.input("metrics/plots/judge/models.csv")),
        coverage=plot_lines(run.input("metrics/plots/mix/coverage.csv")),
        targets=plot_lines(run.input("metrics/plots/mix/targets.csv")),
        rounds=plot_lines(run.input("metrics/plots/propose/rounds.csv")),
        slots=plot_lines(run.input("metrics/plots/propose/slots.csv")),
        made=plot_lines(run.input("metrics/plots/augment/constraints.csv")),
    )
    tables = Tables(
        records=run.input("data/clean/records"),
        edits=run.input("data/clean/edits"),
        places=run.input("data/normalize/places"),
        units=run.input("data/normalize/left_out"),
        facts=run.input("data/annotate"),
        neighbours=run.input("data/neighbours/links"),
        overlaps=run.input("data/overlaps"),
        gates={gate: run.input(f"data/{gate}") for gate in GATES},
        index=run.input("data/index.parquet"),
    )
    facts, limits = schema_of(tables.facts).names, gate_limits(tables, buckets)
    survey, taken_down = Survey(examples), units_taken_down(each_patch(run.input("data/patches")))
    written = tuple(sorted(name for name, entry in sources.items() if entry.get("adapter") == "written"))
    tasks = [
        SurveyTask(tables, bucket, examples, facts, limits, settings.rules, taken_down, written)
        for bucket in range(buckets)
    ]
    for of_bucket in map_buckets(survey_bucket, tasks):
        survey.add(of_bucket)
    choice, texts = choose(survey), Texts()
    for read in map_buckets(fetch, text_tasks(tables, buckets, choice)):
        texts.add(read)
    page = Page(Inputs(settings, metrics, survey, choice, texts))
    write_text(run.folder("data/report") / "index.html", render(page))
    shown = {"rows": len(texts.short) + len(texts.full), "edits": len(texts.edits), "units": len(texts.units)}
    run.metrics({**page.metrics(), "shown": shown})
    for plot in page.plots():
        run.plot(*plot)


def _map(file: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return metrics


if __name__ == "__main__":
    main()
