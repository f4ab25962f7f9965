"""``winnow train-tags``: learn the tagger of task, domain and difficulty from the labels of this repository."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from winnow.harness.display import say
from winnow.harness.errors import UserError
from winnow.harness.settings import read_params

if TYPE_CHECKING:
    from winnow.tagging.fit import Fitted

MODELS, RECORDS, JUDGED = Path("data/models"), Path("data/clean/records"), Path("data/judge/facts")


@click.command()
@click.option("--only", multiple=True, metavar="SOURCE", help="Learn from this source alone; can be given again.")
@click.option("--dry-run", is_flag=True, help="Print how often the model is right, and write nothing.")
def main(only: tuple[str, ...], dry_run: bool) -> None:
    """Train the tagger on what sources and judges say of the rows, and name it in params.yaml.

    Labels are the categories in the sources' metadata that winnow/facts/lexicon/categories.yaml maps, and those of a
    rubric such as data/rubrics/tags.yaml. A sample of other rows has the lexicons' labels. What is printed is measured
    on rows whose opening words no row of training has. The model holds no text; its name is the digest of its bytes.

    \b
    winnow train-tags
    winnow train-tags --only exam_questions --only chats --dry-run
    """
    from winnow.cli.funnel import columns
    from winnow.facts.tags.model import as_bytes, as_table
    from winnow.tagging.fit import fitted
    from winnow.tagging.labels import learned_from

    params = read_params()
    sources = {**params["sources"]}
    if unknown := sorted(set(only) - set(sources)):
        raise UserError(f"there is no source {unknown[0]}; params.yaml has {', '.join(sources) or 'none'}.")
    if not RECORDS.is_dir():
        raise UserError(f"{RECORDS} is missing; run dvc repro first.")
    rows = learned_from(RECORDS, params["buckets"], _said(params["buckets"]), lambda name: not only or name in only)
    found = {tag: one for tag, own in rows.items() if (one := fitted(tag, own))}
    if not found:
        raise UserError(
            "no source states two task types, domains or difficulties that winnow/facts/lexicon/categories.yaml maps, "
            "and no rubric asked for them; there is nothing to learn from."
        )
    lines = [line for tag, one in found.items() for line in _right(tag, one)]
    say(*columns(["tag", "label", "rows", "found", "right where said"], lines).split("\n"))
    if dry_run:
        return
    made = {
        tag: _made(one, {name: str(entry.get("license")) for name, entry in sources.items()})
        for tag, one in found.items()
    }
    name, data = as_bytes(as_table({tag: one.model for tag, one in found.items()}, made))
    _publish(name, data)
    say(f"Wrote {MODELS}/{name}.parquet ({len(data):,} bytes) and annotate.tag_model. Next: dvc repro")


def _said(buckets: int) -> dict[str, dict[str, str]]:
    from winnow.storage.buckets import each_bucket
    from winnow.tagging.labels import judged

    return judged(each_bucket(JUDGED, buckets) if JUDGED.is_dir() else iter(()))


def _right(tag: str, one: "Fitted") -> list[list[object]]:
    """Return the shares of held-out rows of each label that were found, and of each label's answers that are right."""
    right = one.said == one.truth
    lines: list[list[object]] = [[tag, "all", len(right), f"{right.mean():.3f}", ""]]
    for label in sorted(set(one.truth)):
        own, answers = one.truth == label, one.said == label
        precision = f"{right[answers].mean():.3f}" if answers.any() else "-"
        lines.append([tag, label, int(own.sum()), f"{right[own].mean():.3f}", precision])
    return lines


def _made(one: "Fitted", licenses: dict[str, str]) -> dict[str, object]:
    """Return what a model was made of, for people: rows and licence of each source with labels, share of right ones."""
    counts = Counter(one.sources.tolist())
    return {
        "held_out_accuracy": round(float((one.said == one.truth).mean()), 4),
        "sources": {name: {"rows": count, "license": licenses.get(name, "")} for name, count in sorted(counts.items())},
    }


def _publish(name: str, data: bytes) -> None:
    from winnow.adding.params import params_text, with_value
    from winnow.harness.files import transaction
    from winnow.harness.settings import PARAMS

    with transaction() as change:
        change.write(MODELS / f"{name}.parquet", data)
        change.write(PARAMS, with_value(params_text(), "annotate", "tag_model", name))
        change.commit()
