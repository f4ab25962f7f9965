"""``make planted``: planted failures of rows that models write, and sound ones beside them, through the real stages.

Cases stand in ``tests/cases/candidates*.json``, a list of maps a file. A case of a row has ``name``; ``fault``, "" for
a sound one, or the kind of failure (copy, leak, no_op, cut, foreign, …: counted by it, free to choose); ``language``,
en or zh; ``recipe``, a file of ``data/recipes``, and ``operator`` where the recipe has some; ``shown``, the rows that
the model was shown (one for a rewrite), each with ``instruction`` and ``output`` and maybe ``input``; ``beside``, rows
that are in the data and were not shown, of the same form; and ``replies``, what the model said, by step of the recipe:
a map is sent as JSON, a text as it is, ``{"cut": "…"}`` is a text that ended at the limit of tokens. A step without a
reply is one that the candidate does not reach. A case of a comparison has ``name``, ``fault``, ``replies`` (what the
judge said with the chosen reply first, then with it second) and ``preferred``: chosen, rejected, tie, or why it cannot
be read. A failure is caught where no row of it is accepted; a sound candidate without an accepted row is a false alarm;
a comparison is right where it is read as ``preferred`` says. ``meaning`` marks failures that no form shows (orders that
exclude each other, a free-form limit that is not kept, a task that needs today's weather): a judge's work, counted by
themselves. Sound ones and failures go through the stages apart, so
that a failure may be made of a sound one.
"""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

import click

from tests.conftest import REPOSITORY, Clone, make_clone
from winnow.cli.funnel import columns
from winnow.growing.outcomes import ACCEPTED, Key, fates, gates_to_accept
from winnow.judging.conclusion import compared
from winnow.judging.render import Asked
from winnow.judging.rubric import PREFERRED
from winnow.judging.rubric_file import load as load_rubric
from winnow.judging.verdict import verdict
from winnow.ledger.ledger import Ledger
from winnow.ledger.line import Reply, to_line
from winnow.ledger.request import Request
from winnow.ledger.segment import write
from winnow.recipes.recipe_file import load
from winnow.recipes.rounds import Round, Shown, Slot, path_of, rounds
from winnow.recipes.slots import Lost, replies_of, states
from winnow.records.identity import digest
from winnow.records.record import canonical_json
from winnow.replies.form import JSON_SCHEMA
from winnow.replies.stage import Unusable
from winnow.storage.buckets import read_all

Case = Mapping[str, Any]
_MODEL = {"model": "m", "answers_as": "", "form": JSON_SCHEMA, "extra": {}, "max_chars": 20_000}
_BUCKETS = 16
_PLAN = "  plans:\n    planted: {recipe: evol_instruct, model: m, target: 100000, output_terms: unrestricted}"
_BEFORE = ("code", "normalize", "augment", "clean", "annotate")
_AFTER = ("neighbours", "overlaps", "filter", "deduplicate", "decontaminate", "judge", "score", "novelty", "accept")


def cases(folder: Path) -> list[Case]:
    """Return all cases, by file and place."""
    return [one for file in sorted(folder.glob("candidates*.json")) for one in json.loads(file.read_text("utf-8"))]


def is_row(case: Case) -> bool:
    """Say whether a case is a row; else it is a comparison."""
    return "recipe" in case


def planted(folder: Path, rows: Sequence[Case]) -> Clone:
    """Return a clone whose source ``parents`` has what the cases show and what stands beside."""
    clone = make_clone(folder)
    texts = [one for case in rows for one in (*case["shown"], *case.get("beside", ()))]
    file = clone.folder / "data/raw/parents/rows.json"
    file.parent.mkdir(parents=True)
    unique = {canonical_json(one): {"input": "", **one} for one in texts}
    file.write_text(json.dumps(list(unique.values()), ensure_ascii=False), encoding="utf-8")
    sources = (
        "  parents: {adapter: alpaca, path: parents, license: CC0-1.0}\n  planted: {adapter: written, plan: planted}\n"
    )
    clone.params("  demo_oasst:\n", f"{sources}  demo_oasst:\n")
    clone.params("propose:\n  plans: {}", f"propose:\n{_PLAN}")
    clone.stages(*_BEFORE)
    return clone


def plan(clone: Clone, rows: Sequence[Case]) -> Iterator[tuple[Case, Key]]:
    """Write a frozen round for each recipe, and what the model said; yield each case with its slot."""
    records = read_all(clone.folder / "data/normalize/records", _BUCKETS, ["row_id", "source", "context", "messages"])
    ids = {
        (row["messages"][0]["content"], row["context"] or ""): row["row_id"]
        for row in records.to_pylist()
        if row["source"] == "parents"
    }
    lines: list[bytes] = []
    for number, name in enumerate(sorted({case["recipe"] for case in rows}), 1):
        recipe, mine = load(name, clone.folder / "data/recipes"), [case for case in rows if case["recipe"] == name]
        slots = [
            Slot(
                n,
                case["language"],
                case.get("operator"),
                tuple(ids[one["instruction"], one.get("input", "")] for one in case["shown"]),
                n,
                0,
            )
            for n, case in enumerate(mine)
        ]
        shown = {row_id: Shown("CC0-1.0") for slot in slots for row_id in slot.shown}
        made = Round("planted", number, recipe, _MODEL, 1, (), shown, tuple(slots))
        path = path_of("planted", number, clone.folder / "data/plans")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.text(), encoding="utf-8")
        for slot, case in zip(slots, mine, strict=True):
            lines += [to_line(_reply(made, slot, step, said)).encode() for step, said in case["replies"].items()]
            yield case, Key("planted", number, slot.number)
    write(clone.folder / "data/ledger/propose", lines, clone.folder / "sealing")


def _reply(round_: Round, slot: Slot, step: str, said: Any) -> Reply:
    cut = isinstance(said, dict) and set(said) == {"cut"}
    text = said["cut"] if cut else said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    place = round_.place(slot, step)
    key = digest(canonical_json([place, text]))
    return Reply(key, "cut" if cut else "ok", "m", "length" if cut else "stop", text, 1, 1).at(place)


def outcomes(clone: Clone) -> dict[Key, str]:
    """Run the stages and return what became of each slot: ``accepted`` or a reason."""
    clone.stages(*_BEFORE[1:], *_AFTER)
    with chdir(clone.folder):
        gates = {gate: Path("data", gate) for gate in gates_to_accept()}
        found = fates(Path("data/clean/records"), gates, {"planted": "planted"}, _BUCKETS).by_slot
        replies = replies_of(Ledger.read(Path("data/ledger/propose")))
        for round_ in rounds("planted", Path("data/plans")):
            for slot, state in states(round_, replies):
                key = Key("planted", round_.number, slot.number)
                found.setdefault(key, state.reason if isinstance(state, Lost) else "pending")
    return found


def read_as(case: Case) -> str:
    """Return which reply a comparison is read to prefer, or why it cannot be read."""
    rubric = load_rubric("comparison", REPOSITORY / "data/rubrics")
    nothing = Request("", {})
    try:
        said = [
            (Asked("comparison", 0, nothing, rubric, bool(n)), verdict(text, rubric, JSON_SCHEMA))
            for n, text in enumerate(case["replies"])
        ]
    except Unusable as reason:
        return str(reason)
    return str(compared(rubric, said)[PREFERRED].label)


@click.command()
@click.option("--show", is_flag=True, help="Print the outcome of every case.")
def main(show: bool) -> None:
    """Count what is caught of planted failures, and false alarms; exit status 1 below .98 or above .02."""
    everything = cases(REPOSITORY / "tests/cases")
    rows = [case for case in everything if is_row(case)]
    results: list[tuple[Case, str, bool]] = []
    with tempfile.TemporaryDirectory(prefix="winnow-planted-") as temporary:
        for name in ("sound", "failing"):
            some = [case for case in rows if bool(case["fault"]) == (name == "failing")]
            clone = planted(Path(temporary) / name, some)
            slots = list(plan(clone, some))
            found = outcomes(clone)
            results += [(case, found[key], found[key] == ACCEPTED) for case, key in slots]
    for case in everything:
        if not is_row(case):
            as_ = read_as(case)
            results.append((case, as_, (as_ == case["preferred"]) == (not case["fault"])))
    kinds: dict[str, Counter[str]] = {}
    for case, outcome, sound in results:
        kind = kinds.setdefault((case["fault"] or "sound") + (", by meaning" if case.get("meaning") else ""), Counter())
        kind[outcome] += 1
        kind["right"] += sound == (not case["fault"])
        kind["all"] += 1
        if show or sound != (not case["fault"]):
            click.echo(f"{case['name']}: {case['fault'] or 'sound'}, {outcome}")
    table = [
        [
            name,
            kind["all"],
            kind["right"],
            ", ".join(f"{n} {o}" for o, n in kind.most_common() if o not in ("all", "right")),
        ]
        for name, kind in sorted(kinds.items())
    ]
    click.echo(columns(["kind", "cases", "right", "outcomes"], table))
    failures = [kind for name, kind in kinds.items() if name != "sound" and "meaning" not in name]
    meant = [kind for name, kind in kinds.items() if "meaning" in name]
    caught = sum(kind["right"] for kind in failures) / max(sum(kind["all"] for kind in failures), 1)
    alarms = 1 - kinds["sound"]["right"] / kinds["sound"]["all"] if "sound" in kinds else 0.0
    click.echo(f"\ncaught: {caught:.3f} (at least .98); false alarms: {alarms:.3f} (at most .02)")
    click.echo(f"by meaning, without a judge: {sum(k['right'] for k in meant)} of {sum(k['all'] for k in meant)}")
    sys.exit(0 if caught >= 0.98 and alarms <= 0.02 else 1)


if __name__ == "__main__":
    main()
