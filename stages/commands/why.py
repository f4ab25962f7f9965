"""``winnow why``: where a row came from and why it is in or out."""

import json
from typing import Any

import click


@click.command()
@click.argument("row_id")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON, for programs.")
def main(row_id: str, as_json: bool) -> None:
    """Show the whole way of the row ROW_ID: its place, what cleaning changed, its facts, and each gate's verdict.

    \b
    winnow why demo_messages:chat-001
    """
    from stages.commands.lineage import lineage

    found = lineage(row_id)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2, sort_keys=True) if as_json else _text(found))


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
    lines += _section("cleaning", [_edit(edit) for edit in found["edits"]] or ["nothing changed"])
    lines += _section("facts", [f"{name} = {value}" for name, value in found["facts"].items() if value is not None])
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
    text = " ⏎ ".join(text.splitlines())
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def _edit(edit: dict[str, str]) -> str:
    from stages.text.worddiff import around_changes, word_diff

    marks = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
    pieces = around_changes(word_diff(edit["before"], edit["after"]))
    return f"{edit['rule']} in {edit['field']}: {_cut(''.join(marks[sign].format(text) for sign, text in pieces), 400)}"


def _decision(gate: str, decision: dict[str, Any]) -> str:
    text = f"{gate}: {decision['verdict']}"
    if decision["reason"]:
        text += f", {decision['reason']}"
    if decision["value"] is not None:
        text += f", value {decision['value']:g}, limit {decision['limit']:g}"
    if decision["other_row_id"]:
        text += f", by {decision['other_row_id']}"
    if decision["detail"]:
        text += f" ({decision['detail']})"
    return text
