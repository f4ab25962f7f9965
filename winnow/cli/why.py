"""``winnow why``: where a row came from and why it is in or out; what a rule dropped and what it nearly dropped."""

from dataclasses import asdict
from typing import Any

import click

from winnow.harness.display import json_text, say


@click.command()
@click.argument("row_id", required=False)
@click.option("--rule", "rule", metavar="NAME", help="Rows that this rule (or reason) dropped, and nearly dropped.")
@click.option("--source", metavar="NAME", help="Only rows of this source; alone, all its drops.")
@click.option("--text", metavar="TEXT", help="Rows that hold this text, in any case.")
@click.option("--count", type=click.IntRange(1), default=5, show_default=True, help="Rows shown of each kind.")
@click.option(
    "--explain", is_flag=True, help="Say what each fact means; a column's name as ROW_ID explains that alone."
)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, for programs.")
def main(
    row_id: str | None, rule: str | None, source: str | None, text: str | None, count: int, explain: bool, as_json: bool
) -> None:
    """Show the whole way of the row ROW_ID: its place, what cleaning changed, its facts, and each gate's verdict.

    \b
    winnow why demo_messages:chat-001
    winnow why --rule short_response --source demo_alpaca
    winnow why --text "as an AI language model"
    winnow why --explain mtld
    """
    if sum(one is not None for one in (row_id, text, rule or source)) != 1:
        raise click.UsageError("give one of ROW_ID, --text, or --rule and --source.")
    if row_id is not None and explain and ":" not in row_id:
        from winnow.lineage.explained import column_lines

        say(*column_lines(row_id))
    elif row_id is not None:
        _row(row_id, as_json, explain)
    elif text is not None:
        _text(text, count, as_json)
    else:
        _samples(rule, source, count, as_json)


def _row(row_id: str, as_json: bool, explain: bool = False) -> None:
    from winnow.lineage.row import lineage
    from winnow.lineage.shown import as_lines
    from winnow.versions.outputs import Workspace

    way = lineage(Workspace(), row_id)
    if explain:
        from winnow.lineage.explained import sentences_of

        way["meanings"] = sentences_of(way.get("facts", ()))
    _print_json(way) if as_json else say(*as_lines(way))


def _text(text: str, count: int, as_json: bool) -> None:
    from winnow.lineage.row import outcome_of
    from winnow.lineage.search import search
    from winnow.lineage.shown import verdict
    from winnow.versions.outputs import Workspace

    version = Workspace()
    row_ids = search(version, text)
    shown = row_ids[:count]
    if as_json:
        _print_json({"text": text, "rows": len(row_ids), "row_ids": shown})
    elif len(row_ids) == 1:
        _row(row_ids[0], as_json=False)
    else:
        say(f"{len(row_ids):,} rows hold this text" + (f"; {len(shown)} of them:" if shown else "."))
        for one in shown:
            say(f"  {one} is {verdict(outcome_of(version, one))}")


def _samples(reason: str | None, source: str | None, count: int, as_json: bool) -> None:
    from winnow.lineage.samples import check_names, dropped, nearly
    from winnow.lineage.shown import sample_lines

    check_names(reason, source)
    total, out = dropped(reason, source, count)
    close = nearly(reason, source, count) if reason else []
    if as_json:
        _print_json({"dropped": total, "samples": [asdict(s) for s in out], "nearly": [asdict(s) for s in close]})
        return
    named = " ".join(filter(None, (f"for {reason}" if reason else "", f"from {source}" if source else "")))
    say(f"{total:,} rows dropped {named}" + (f"; {len(out)} of them, sampled:" if out else "."))
    for sample in out:
        say(*sample_lines(sample))
    if close:
        say(f"nearly dropped; the {len(close)} nearest:")
        for sample in close:
            say(*sample_lines(sample))


def _print_json(value: Any) -> None:
    click.echo(json_text(value, indent=2))
