"""The way of one row, and samples of what a rule did, as lines for :func:`winnow.harness.display.say`."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from winnow.text.worddiff import around_changes, word_diff
from winnow.versions.fields import marked

if TYPE_CHECKING:
    from winnow.lineage.samples import Sample


def as_lines(way: Mapping[str, Any]) -> list[str]:
    """Return the way of a row, which :func:`winnow.lineage.row.lineage` gives, as lines."""
    if "left_out" in way:
        unit = way["left_out"]
        return [
            f"{way['row_id']} is out: {unit['outcome']} by normalize",
            f"  place   {unit['file']}, line {unit['line']}",
            f"  reason  {unit['reason']}: {unit['detail']}",
            f"  raw     {_cut(unit['raw'])}",
        ]
    lines = [f"{way['row_id']} is {verdict(way['outcome'])}"]
    record = way["record"]
    lines += [f"  place   {place['file']}, line {place['line']}" for place in way["places"]]
    lines.append(f"  licence {record['license']}, origin {record['origin']}, kind {record['kind']}")
    if record["context"]:
        lines.append(f"  context {_cut(record['context'])}")
    lines += [f"  {turn['role']:7} {_cut(turn['content'])}" for turn in record["messages"]]
    if way["patches"]:
        lines += _section("patches", [_patch(patch) for patch in way["patches"]])
    lines += _section("cleaning", [_edit(edit) for edit in way["edits"]] or ["nothing changed"])
    meanings, facts = way.get("meanings", {}), list[str]()
    for name, value in way["facts"].items():
        facts += [f"{name} = {value}"] if value is not None else []
        facts += [f"  {meanings[name]}"] if value is not None and name in meanings else []
    lines += _section("facts", facts)
    neighbours = [
        f"{one['relation']} {one['similarity']:.3f} "
        + (one["other_row_id"] if one["row_id"] == way["row_id"] else one["row_id"])
        for one in way["neighbours"]
    ]
    if neighbours:
        lines += _section("neighbours", neighbours)
    if way["overlaps"]:
        overlaps = [
            f"{one['benchmark']}:{one['item']} {one['overlap']:.3f} ({one['measure']} in {one['side']})"
            for one in way["overlaps"]
        ]
        lines += _section("overlaps", overlaps)
    if way.get("written"):
        lines += _section("written by a model", list(_written(way["written"])))
    if made := way.get("made"):
        roles = [f"{role.replace('_', ' ')} {row_id}" for row_id, role in made["roles"].items()]
        lines += _section("made without a model", [f"{made['method']}, plan {made['plan']}", *roles])
    if way.get("constraints"):
        lines += _section("constraints", [_constraint(one) for one in way["constraints"]])
    if way["judgements"]:
        lines += _section("judged", [_judged(one) for one in way["judgements"]])
    if way["replies"]:
        lines += _section("models said", [_reply(one) for one in way["replies"]])
    return lines + _section("gates", [_decision(*item) for item in way["decisions"].items()])


def verdict(outcome: Mapping[str, Any]) -> str:
    """Return in a few words whether a row is in.

    >>> verdict({"status": "out", "stage": "filter", "reason": "truncated"})
    'out: truncated at filter'
    """
    if outcome["status"] == "in":
        return f"in: {outcome['split']}, drawn {outcome['repeats']}x"
    if outcome["status"] == "undecided":
        return "undecided: not all gates have run; run dvc repro"
    return f"out: {outcome['reason']} at {outcome['stage']}"


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"  {title}", *(f"    {line}" for line in lines)]


def _cut(text: str, width: int = 200) -> str:
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def _patch(patch: Mapping[str, Any]) -> str:
    edits = [f"edits {name}" + " (not in place)" * (name in patch["left_out"]) for name in patch["fields"]]
    what = [*edits, *([patch["drop"]] if patch["drop"] else []), *(f"tag {tag}" for tag in patch["tags"])]
    return f"{', '.join(what)} by {patch['author']}: {patch['reason']} ({patch['file']})"


def _edit(edit: Mapping[str, str]) -> str:
    pieces = around_changes(word_diff(edit["before"], edit["after"]))
    return f"{edit['rule']} in {edit['field']}: {_cut(marked(pieces), 400)}"


def _constraint(one: Mapping[str, Any]) -> str:
    """Return a constraint with its arguments, and whether the reply meets it.

    >>> _constraint({"kind": "length_at_most", "check": "at_most length", "arguments": {"count": 50}, "met": True})
    'length_at_most (count = 50): met'
    """
    given = ", ".join(f"{name} = {value}" for name, value in sorted(one["arguments"].items()))
    return f"{one['kind']}{f' ({given})' if given else ''}: {'met' if one['met'] else 'NOT MET'}"


def _judged(judgement: Mapping[str, Any]) -> str:
    """Return what a model said of a row by one criterion.

    >>> judged = {"rubric": "pair", "criterion": "style", "value": 7.5, "label": None, "samples": 2, "spread": 1.0}
    >>> _judged({**judged, "pending": 1, "unusable": 0})
    'pair.style = 7.5, mean of 2 replies, spread 1, 1 pending'
    """
    value = judgement["label"] or ("?" if judgement["value"] is None else f"{judgement['value']:g}")
    text = f"{judgement['rubric']}.{judgement['criterion']} = {value}"
    if judgement["samples"] > 1 and judgement["label"]:
        text += f", {judgement['samples']} samples"
    elif judgement["samples"] > 1 and judgement["spread"] is not None:
        text += f", mean of {judgement['samples']} replies, spread {judgement['spread']:g}"
    return text + "".join(f", {judgement[name]} {name}" for name in ("pending", "unusable") if judgement[name])


def _written(made: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a model wrote a row: method, parents, every acceptance fact, the rows that it is like."""
    operator = f", {made['operator']}" if made["operator"] else ""
    yield f"{made['method']} version {made['method_version']}{operator}, by {', '.join(made['written_by'])}"
    yield f"plan {made['plan']}, round {made['round']}, slot {made['slot']}, depth {made['depth']}"
    yield f"terms of the model's output: {', '.join(made['output_terms']) or 'unrestricted'}"
    yield from (f"{role.replace('_', ' ')} {row_id}" for row_id, role in made["roles"].items())
    for one in made["checks"]:
        yield f"check {one['check']} = {one['value']:g}" + (f" ({one['detail']})" if one["detail"] else "")
    yield from (f"like {one['kind']} {one['other_row_id']}, ROUGE-L {one['similarity']:.3f}" for one in made["alike"])


def _reply(reply: Mapping[str, Any]) -> str:
    """Return one reply of a model: its reason where it is JSON, else its text."""
    try:
        text = json.loads(reply["reply"], strict=False)["reason"]
    except (ValueError, TypeError, LookupError, RecursionError):
        text = reply["reply"]
    order = ", replies swapped" if reply.get("swapped") else ""
    status = "" if reply["status"] == "ok" else f", {reply['status']}"
    if reply.get("request"):
        asked = " / ".join(" ".join(message["content"].split()) for message in reply["request"])
        return f"{reply['asked']}: {_cut(asked, 300)} -> {reply['model']}{status}: {_cut(str(text), 300)}"
    return f"{reply['asked']} by {reply['model']}{order}{status}: {_cut(str(text), 300)}"


def _decision(gate: str, decision: Mapping[str, Any]) -> str:
    text = f"{gate}: {decision['verdict']}"
    if decision["reason"]:
        text += f", {decision['reason']}"
    if decision["value"] is not None and decision["limit"] is not None:
        text += f", value {decision['value']:g}, limit {decision['limit']:g}"
    if decision["other_row_id"]:
        text += f", by {decision['other_row_id']}"
    if decision["detail"]:
        text += f" ({decision['detail']})"
    survivor = decision.get("survivor", {})
    if survivor.get("status") == "out":
        text += f"; that row has left since, {survivor['reason']} at {survivor['stage']}"
    if decision.get("score") is not None:
        text += f"; score {decision['score']:g}"
    return text


def sample_lines(sample: "Sample") -> list[str]:
    """Return in lines a row that a rule dropped, or nearly, with the opening of its prompt and response."""
    measured = f", value {sample.value:g}, limit {sample.limit:g}" if sample.value is not None else ""
    other = f", by {sample.other}" if sample.other else ""
    return [
        f"  {sample.row_id}  {sample.gate} {sample.reason}{measured}{other}",
        f"    prompt    {_cut(sample.prompt)}",
        f"    response  {_cut(sample.response)}",
    ]
