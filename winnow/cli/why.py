"""``winnow why``: where a row came from and why it is in or out; what a rule dropped and what it nearly dropped."""

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from winnow.cli.samples import Sample

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


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
    if text is not None:
        from winnow.cli.search import search

        total, ids = search(text, count)
        if as_json:
            _print_json({"text": text, "rows": total, "row_ids": ids})
        elif total == 1:
            _show(ids[0], as_json=False)
        else:
            from winnow.cli.lineage import outcome_of

            click.echo(f"{total:,} rows hold this text" + (f"; {len(ids)} of them:" if ids else "."))
            for one in ids:
                click.echo(f"  {one} is {_verdict(outcome_of(one))}")
    elif row_id is not None and explain and ":" not in row_id:
        from winnow.cli.explained import column_text

        click.echo(column_text(row_id))
    elif row_id is not None:
        _show(row_id, as_json, explain)
    else:
        _samples(rule, source, count, as_json)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))


def _show(row_id: str, as_json: bool, explain: bool = False) -> None:
    from winnow.cli.lineage import lineage

    found = lineage(row_id)
    if explain:
        from winnow.cli.explained import sentences_of

        found["meanings"] = sentences_of(found.get("facts", ()))
    if as_json:
        _print_json(found)
    else:
        click.echo(_text(found))


def _samples(reason: str | None, source: str | None, count: int, as_json: bool) -> None:
    from winnow.cli.samples import check_names, dropped, nearly

    check_names(reason, source)
    total, out = dropped(reason, source, count)
    close = nearly(reason, source, count) if reason else []
    if as_json:
        _print_json({"dropped": total, "samples": [asdict(s) for s in out], "nearly": [asdict(s) for s in close]})
        return
    named = " ".join(filter(None, (f"for {reason}" if reason else "", f"from {source}" if source else "")))
    click.echo(f"{total:,} rows dropped {named}" + (f"; {len(out)} of them, drawn by lot:" if out else "."))
    for sample in out:
        click.echo(_sample(sample))
    if close:
        click.echo(f"nearly dropped; the {len(close)} nearest:")
        for sample in close:
            click.echo(_sample(sample))


def _sample(sample: "Sample") -> str:
    measured = f", value {sample.value:g}, limit {sample.limit:g}" if sample.value is not None else ""
    other = f", by {sample.other}" if sample.other else ""
    return (
        f"  {sample.row_id}  {sample.gate} {sample.reason}{measured}{other}\n"
        f"    prompt    {_cut(sample.prompt)}\n    response  {_cut(sample.response)}"
    )


def _text(found: dict[str, Any]) -> str:
    if "left_out" in found:
        unit = found["left_out"]
        return (
            f"{found['row_id']} is out: {unit['outcome']} by normalize\n"
            f"  place   {unit['file']}, line {unit['line']}\n"
            f"  reason  {unit['reason']}: {unit['detail']}\n"
            f"  raw     {_cut(unit['raw'])}"
        )
    lines = [f"{found['row_id']} is {_verdict(found['outcome'])}"]
    record = found["record"]
    lines += [f"  place   {place['file']}, line {place['line']}" for place in found["places"]]
    lines.append(f"  licence {record['license']}, origin {record['origin']}, kind {record['kind']}")
    if record["context"]:
        lines.append(f"  context {_cut(record['context'])}")
    lines += [f"  {turn['role']:7} {_cut(turn['content'])}" for turn in record["messages"]]
    if found["patches"]:
        lines += _section("patches", [_patch(patch) for patch in found["patches"]])
    lines += _section("cleaning", [_edit(edit) for edit in found["edits"]] or ["nothing changed"])
    facts = [(name, f"{name} = {value}") for name, value in found["facts"].items() if value is not None]
    meanings = found.get("meanings", {})
    lines += _section(
        "facts", [f"{text}\n      {meanings[name]}" if name in meanings else text for name, text in facts]
    )
    neighbours = [
        f"{one['relation']} {one['similarity']:.3f} "
        + (one["other_row_id"] if one["row_id"] == found["row_id"] else one["row_id"])
        for one in found["neighbours"]
    ]
    if neighbours:
        lines += _section("neighbours", neighbours)
    if found["overlaps"]:
        overlaps = [
            f"{one['benchmark']}:{one['item']} {one['overlap']:.3f} ({one['measure']})" for one in found["overlaps"]
        ]
        lines += _section("overlaps", overlaps)
    if found["judgements"]:
        lines += _section("judged", [_judged(one) for one in found["judgements"]])
        lines += _section("models said", [_reply(one) for one in found["replies"]])
    return "\n".join(lines + _section("gates", [_decision(*item) for item in found["decisions"].items()]))


def _verdict(outcome: dict[str, Any]) -> str:
    if outcome["status"] == "in":
        return f"in: {outcome['split']}, drawn {outcome['repeats']}x"
    if outcome["status"] == "undecided":
        return "undecided: not all gates have run; run dvc repro"
    return f"out: {outcome['reason']} at {outcome['stage']}"


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"  {title}", *(f"    {line}" for line in lines)]


def _cut(text: str, width: int = 200) -> str:
    """Return ``text`` on one line and no longer than ``width``; control characters would speak to the terminal.

    >>> _cut("one\\ntwo\\x1b[2J")
    'one ⏎ two�[2J'
    """
    text = _CONTROL.sub("�", " ⏎ ".join(text.splitlines()))
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def _patch(patch: dict[str, Any]) -> str:
    edits = [f"edits {name}" + " (not in place)" * (name in patch["left_out"]) for name in patch["fields"]]
    what = [*edits, *([patch["drop"]] if patch["drop"] else []), *(f"tag {tag}" for tag in patch["tags"])]
    return f"{', '.join(what)} by {patch['author']}: {patch['reason']} ({patch['file']})"


def _edit(edit: dict[str, str]) -> str:
    from winnow.text.worddiff import around_changes, word_diff

    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    pieces = around_changes(word_diff(edit["before"], edit["after"]))
    return f"{edit['rule']} in {edit['field']}: {_cut(''.join(marks[sign].format(text) for sign, text in pieces), 400)}"


def _judged(told: dict[str, Any]) -> str:
    """Return what a model said of a row by one criterion.

    >>> told = {"rubric": "pair", "criterion": "style", "value": 7.5, "label": None, "samples": 2, "spread": 1.0}
    >>> _judged({**told, "pending": 1, "unusable": 0})
    'pair.style = 7.5, mean of 2 replies, spread 1, 1 pending'
    """
    value = told["label"] or ("?" if told["value"] is None else f"{told['value']:g}")
    text = f"{told['rubric']}.{told['criterion']} = {value}"
    if told["samples"] > 1 and told["label"]:
        text += f", {told['samples']} samples"
    elif told["samples"] > 1 and told["spread"] is not None:
        text += f", mean of {told['samples']} replies, spread {told['spread']:g}"
    return text + "".join(f", {told[name]} {name}" for name in ("pending", "unusable") if told[name])


def _reply(said: dict[str, Any]) -> str:
    """Return one reply of a model: its reason where it is JSON, else its text."""
    try:
        text = json.loads(said["reply"], strict=False)["reason"]
    except (ValueError, TypeError, LookupError, RecursionError):
        text = said["reply"]
    order = ", replies swapped" if said["swapped"] else ""
    status = "" if said["status"] == "ok" else f", {said['status']}"
    return f"{said['rubric']} by {said['model']}{order}{status}: {_cut(str(text), 300)}"


def _decision(gate: str, decision: dict[str, Any]) -> str:
    text = f"{gate}: {decision['verdict']}"
    if decision["reason"]:
        text += f", {decision['reason']}"
    if decision["value"] is not None and decision["limit"] is not None:
        text += f", value {decision['value']:g}, limit {decision['limit']:g}"
    if decision["other_row_id"]:
        text += f", by {decision['other_row_id']}"
    if decision["detail"]:
        text += f" ({decision['detail']})"
    if decision.get("score") is not None:
        text += f"; score {decision['score']:g}"
    return text
