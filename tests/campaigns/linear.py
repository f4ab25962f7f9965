"""``make linear``: no rule, fact or reader may need more than linear time, whatever shape a text has."""

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from tests.campaigns.shapes import shapes
from tests.facts.rows import texts_of
from winnow.cleaning.apply import clean_text, may_change
from winnow.cleaning.code import has_bare_code
from winnow.cleaning.evidence import listed, numbered, speaks_of, subjects
from winnow.cleaning.protect import protected
from winnow.cleaning.row import Said, alone
from winnow.cleaning.rules import RULES, Rule
from winnow.facts.schema import SUBJECTS
from winnow.facts.subject import Settings
from winnow.harness.errors import UserError
from winnow.judging.rubric import Rubric
from winnow.judging.verdict import verdict
from winnow.reading.files import read_units
from winnow.reading.registry import adapters
from winnow.reading.units import Unit
from winnow.reading.window import Caps
from winnow.replies.fence import fenced
from winnow.replies.stage import Unusable
from winnow.text.worddiff import around_changes, bounded, word_diff

Probe = Callable[[str], object]
RUBRIC = Rubric("compared", "comparison", (), {"en": "Which is better?"})
SETTINGS = Settings(cjk_weight=3.0, audit_share=0.0, seed=1)
CAPS = Caps(1 << 30, 1 << 24)
GROWTH, SECONDS, NOISE = (
    8,
    2.0,
    0.05,
)  # from 4,000 to 16,000 characters; CPU seconds of 100,000; below what nothing counts


def probes() -> dict[str, Probe]:
    """Return what is measured: functions of one text, by name."""
    cleaning = {f"rule {rule.name}": _fixed(rule) for rule in RULES}
    triggers = {f"trigger of {rule.name}": may_change(rule.trigger) for rule in RULES}
    fields = {f"clean {field}": _cleaned(field) for field in ("context", "instruction", "response")}
    facts = {f"facts {subject.compute.__name__}": _facts(subject.compute) for subject in SUBJECTS}
    readers = {f"read {name} {head!r}": _read(name, head, tail) for name, head, tail in _FILES}
    return {
        **cleaning,
        **triggers,
        **fields,
        "protected spans": protected,
        "words of subjects": lambda text: [speaks_of(name, text.lower()) for name in subjects()],
        "numbers that marks point at": lambda text: (numbered(said(text)), listed(said(text))),
        "bare code": has_bare_code,
        "word diff": lambda text: bounded(around_changes(word_diff(text, text[: len(text) // 3] + text[::2])), 9, 99),
        "fence": lambda text: fenced([("response", text)]),
        **{f"verdict {form}": _verdict(form) for form in ("json_schema", "text")},
        **readers,
        **{f"adapter {name} {number}": _adapted(name, unit) for number, (name, unit) in enumerate(_UNITS)},
        **facts,
    }


_FILES = (
    ("rows.json", "[", "]"),
    ("rows.json", '[{"text": "', '"}]'),
    ("rows.jsonl", '{"text": "', '"}'),
    ("rows.csv", "text,other\n", ""),
    ("rows.csv", 'text\n"', '"'),
    ("rows.tsv", "text\tother\n", ""),
)
_UNITS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("messages", lambda text: _turns([("user", text), ("assistant", text)])),
    ("messages", lambda text: _turns([*(("user", sign) for sign in text), ("assistant", "a")])),
    ("messages", lambda text: _turns([("user", f"### Human: {text}"), ("assistant", "a")])),
    ("messages", lambda text: {"chat": {"turn_1": {"Human": text, "MOSS": "a"}}}),
    (
        "messages",
        lambda text: {**_turns([("user", text), ("assistant", "a")]), "history": list(text), "loss": f"[{text}]"},
    ),
    ("transcript", lambda text: {"text": f"### Human: {text}### Assistant: {text}"}),
    ("transcript", lambda text: {"text": f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n{text}"}),
    ("transcript", lambda text: {"text": f"<s>[INST] <<SYS>>{text}<</SYS>> {text} [/INST] {text}"}),
    ("glaive", lambda text: {"sample": f"SYSTEM: a{text}USER: b{text}ASSISTANT: {text}"}),
    (
        "glaive",
        lambda text: {"system": f"a\n{text}", "chat": f'USER: b\nASSISTANT: <functioncall> {{"name": "f", {text}'},
    ),
    ("ranked", lambda text: {"prompt": "a", "responses": [{"text": sign, "score": n} for n, sign in enumerate(text)]}),
    ("preference", lambda text: {"prompt": text, "chosen": "a", "rejected": [f"{n}" for n in range(len(text))]}),
    ("preference", lambda text: {"prompt": text, "chosen": text, "rejected": f"{text}b"}),
)


def _turns(turns: list[tuple[str, str]]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def _adapted(name: str, unit: Callable[[str], Any]) -> Probe:
    """Return a probe that reads a unit, made of the text, with an adapter."""
    source = adapters()[name]
    return lambda text: list(source.read([Unit("x.jsonl", 1, "", unit(text))], source.options))


def _fixed(rule: Rule) -> Probe:
    return lambda text: rule.fix(text, alone(text, next(iter(sorted(rule.fields)))))


def said(text: str) -> Said:
    """Return what a row says whose prompt is ``text``."""
    return alone(text, "instruction").said


def _cleaned(field: str) -> Probe:
    return lambda text: clean_text(text, field)


def _facts(compute: Callable[..., object]) -> Probe:
    return lambda text: compute(texts_of([(text, text, text)]), SETTINGS)


def _verdict(form: str) -> Probe:
    def read(text: str) -> None:
        with suppress(Unusable):
            verdict(text, RUBRIC, form)

    return read


def _read(name: str, head: str, tail: str) -> Probe:
    def read(text: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_text(head + text + tail, encoding="utf-8", errors="replace")
            with suppress(UserError):
                list(read_units(path, "utf-8", CAPS))

    return read


def measured(probe: Probe, texts: Mapping[str, str], patience: float) -> Iterator[tuple[str, float]]:
    """Yield (shape, CPU seconds) for each of ``texts``; infinity where the probe took longer than ``patience``.

    The probe runs in a child process, so that one that never ends is killed and the next shape is tried.
    """
    context: Any = multiprocessing.get_context("fork")
    left = dict(texts)
    while left:
        receiver, sender = context.Pipe(duplex=False)
        child = context.Process(target=_measure, args=(probe, left, sender))
        child.start()
        sender.close()
        for shape in list(left):
            del left[shape]
            if not receiver.poll(patience):
                yield shape, float("inf")
                break
            yield shape, receiver.recv()
        child.kill()
        child.join()


def _measure(probe: Probe, texts: Mapping[str, str], sender: Any) -> None:
    for text in texts.values():
        start = time.process_time()
        probe(text)
        sender.send(time.process_time() - start)


def offenders(probe: Probe, patience: float) -> Iterator[str]:
    """Yield what is wrong with a probe: growth beyond :data:`GROWTH`, or more than :data:`SECONDS` at 100,000."""
    small, large = (dict(measured(probe, shapes(size), patience)) for size in (4_000, 16_000))
    for shape, seconds in large.items():
        if seconds > NOISE and seconds > GROWTH * small[shape]:
            yield f"{shape}: {small[shape]:.3f} s at 4,000 characters, {seconds:.3f} s at 16,000"
    for shape, seconds in measured(probe, shapes(100_000), patience):
        if seconds > SECONDS:
            yield f"{shape}: {seconds:.1f} s at 100,000 characters"


@click.command()
@click.option("--only", default="", help="Probes whose name holds this text.")
@click.option("--patience", default=60.0, show_default=True, help="Seconds that one text may take.")
def main(only: str, patience: float) -> None:
    """Run every probe on every shape at three sizes; exit status 1 where one grows faster than its text."""
    wrong = 0
    for name, probe in probes().items():
        if only in name:
            problems = list(offenders(probe, patience))
            wrong += len(problems)
            print(f"{name}: {len(problems) or 'no'} shapes are slow", *problems, sep="\n  ", flush=True)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
