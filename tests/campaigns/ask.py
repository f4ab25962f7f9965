"""``make ask``: `winnow ask` against a server that fails three times in ten, killed again and again.

The stage is the real ``judge`` on the demo data with all rubrics. A run without faults gives what must come out; a
second one meets faults, is killed at random moments (of a fixed seed), and is run again until nothing is left. Checked
is that both end equal, that nothing but what was in flight was paid twice, that one more run sends nothing, that a cap
is not passed by the server's own count, and that the key is nowhere.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import click

from tests.asking import server as fakes
from tests.asking.server import Action, Seen, Server, after, answers, cut, drip, says, stall
from tests.conftest import BIN, Clone, make_clone
from winnow.cli.funnel import columns
from winnow.harness.digests import digests
from winnow.harness.settings import read_params
from winnow.judging.stage import JUDGE
from winnow.ledger.ledger import Ledger
from winnow.ledger.request import Request
from winnow.records.identity import digest
from winnow.records.record import canonical_json

KEY = f"sk-canary-{digest('canary')}"  # computed, so that no file of the clone holds it
MODEL = "gpt-4o-mini"  # one that has a price
CONCURRENCY = 16
TIMEOUT = 2.0  # seconds of an attempt, so that stalls cost little time
_PROGRAM = "from winnow.cli.main import main; main()"
_ECHO = json.dumps({"error": {"message": f"Bearer {KEY} is too fast"}}).encode()
FAULTS: tuple[tuple[str, int, Action], ...] = (
    (
        "429, date",
        1,
        says(429, b"{}", Retry_After="Sun, 06 Nov 1994 08:49:07 GMT", Date="Sun, 06 Nov 1994 08:49:07 GMT"),
    ),
    ("429, milliseconds", 2, says(429, _ECHO, retry_after_ms="60")),
    ("503, seconds", 1, says(503, _ECHO, Retry_After="0")),
    ("500", 4, says(500, _ECHO)),
    ("reset", 4, fakes.reset),
    ("cut body", 4, cut),
    ("stall", 1, stall),
    ("slow drip", 1, drip),
    ("HTML with 200", 3, fakes.html),
    ("error with 200", 3, says(200, _ECHO)),
    ("broken JSON", 3, fakes.broken),
    ("no choice", 2, answers(choices=[])),
    ("two choices", 1, answers(choices=[{}, {}])),
)
"""What goes wrong, with weights, and is tried again."""
UNUSABLE: tuple[tuple[str, int, Action], ...] = (
    ("cut by length", 2, answers(finish_reason="length")),
    ("refusal", 1, answers(content=None, refusal="No.")),
    ("no text", 1, answers(content=None)),
)
"""What is finished and of no use: --again asks for it. A canary answered so stops a run, hence no canary is."""


@dataclass
class Plan:
    """Draws, for each attempt at each request, whether and how it fails: by content, so the same in every run."""

    seed: int
    share: float
    canaries: frozenset[str]
    drawn: Counter[str] = field(default_factory=Counter)

    def __call__(self, seen: Seen) -> Action | None:
        lot = random.Random(f"{self.seed}:{seen.name}:{seen.attempt}")
        if lot.random() >= self.share:
            return after(lot.uniform(0.005, 0.04))
        faults = FAULTS if seen.name in self.canaries else FAULTS + UNUSABLE
        name, _, action = lot.choices(faults, [weight for _, weight, _ in faults])[0]
        self.drawn[name] += 1
        return action


def verdict_of(body: Mapping[str, Any], salt: str) -> str:
    """Return a verdict of the form that ``body`` asks for, drawn by ``salt``."""
    lot = random.Random(salt)
    schema = body["response_format"]["json_schema"]["schema"]["properties"]
    said = {
        name: lot.choice(one["enum"]) if "enum" in one else "Because it is so. 因此。" for name, one in schema.items()
    }
    return json.dumps(said, ensure_ascii=False)


def good_answers(params: Mapping[str, Any]) -> Callable[[dict[str, Any]], str]:
    """Return what a good model says to any request: a verdict drawn by the body, the known one to a canary."""
    known = {}
    for canary in JUDGE.open(params).canaries(0):
        body = canary.request.body
        tries = (verdict_of(body, f"{canary.name}:{n}") for n in count())
        known[canonical_json(body)] = next(text for text in tries if canary.problem(text, None) is None)

    def answer(body: dict[str, Any]) -> str:
        text = canonical_json(body)
        return known.get(text) or verdict_of(body, text)

    return answer


def state(clone: Clone, requests: list[Request]) -> dict[str, Any]:
    """Return what must be equal: each request's usable reply, and the stage's facts made of them."""
    clone.run("dvc", "repro", "--quiet", "judge")
    ledger = Ledger.read(clone.folder / "data" / "ledger" / "judge")
    replies = {one.key: ledger.get(one.key) for one in requests}
    usable = {key: reply.reply for key, reply in replies.items() if reply and reply.status == "ok"}
    folder = clone.folder / "data" / "judge"
    facts = {str(Path(file).relative_to(folder)): md5 for file, md5 in digests([str(folder)]).items()}
    return {"replies": usable, "facts": facts}


class Runs:
    """`winnow ask` in a clone, as a process of its own; ``output`` is all that was printed."""

    command: tuple[str, ...] = ("ask", "--yes")

    def __init__(self, clone: Clone, server: Server) -> None:
        self.clone, self.server, self.output = clone, server, ""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a run in a process group of its own."""
        command = [
            sys.executable,
            "-c",
            _PROGRAM,
            *self.command,
            f"--concurrency={CONCURRENCY}",
            f"--timeout={TIMEOUT}",
        ]
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            [*command, *arguments],
            cwd=self.clone.folder,
            env={**os.environ, "PATH": path, "OPENAI_BASE_URL": self.server.url, "OPENAI_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> int:
        """Wait for a run; return its exit status."""
        output, _ = process.communicate(timeout=3600)
        self.output += output
        return process.returncode

    def kill(self, requests: int) -> bool:
        """Start a run and kill it once the server saw so many more requests; say whether it still ran."""
        process, until = self.start(), len(self.server.seen) + requests
        while len(self.server.seen) < until and process.poll() is None:
            time.sleep(0.002)
        landed = process.poll() is None
        if landed:
            os.killpg(process.pid, signal.SIGKILL)
        self.end(process)
        return landed

    def finish(self, *arguments: str) -> int:
        """Run until there is nothing to ask, at most nine times; return how often."""
        for number in range(1, 10):
            before = len(self.output)
            self.end(self.start(*arguments))
            if "Nothing to ask" in self.output[before:]:
                return number
        raise AssertionError(f"requests are left after nine runs:\n{self.output[-2000:]}")


def holding(folder: Path, text: bytes) -> Iterator[Path]:
    """Yield the files below ``folder`` that hold ``text``."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and ".venv" not in path.parts and text in path.read_bytes():
            yield path


def judged_clone(folder: Path) -> Clone:
    """Return a clone whose stage ``judge`` lists its requests."""
    clone = make_clone(folder)
    clone.params("  rubrics: []", "  rubrics: [instruction, response, pair, comparison, tags]")
    clone.params("  model: ''", f'  model: "{MODEL}"')
    clone.run("dvc", "repro", "--quiet", "judge")
    return clone


def paid_twice(server: Server, requests: list[Request]) -> int:
    """Return how many good answers were given beyond one for each request."""
    wanted = Counter(digest(canonical_json(one.body)) for one in requests)
    return sum(max(server.good[name] - times, 0) for name, times in wanted.items())


@click.command()
@click.option("--kills", default=12, show_default=True)
@click.option("--share", default=0.3, show_default=True, help="Share of attempts that fail.")
@click.option("--seed", default=1, show_default=True)
def main(kills: int, share: float, seed: int) -> None:
    """Show that `winnow ask` survives faults and kills; exit status 1 where one of the promises is broken."""
    with tempfile.TemporaryDirectory(prefix="winnow-ask-") as temporary:
        first = judged_clone(Path(temporary) / "0")
        with chdir(first.folder):
            params = read_params()
            requests = list(JUDGE.open(params).pending())
            answer = good_answers(params)
            probes = frozenset(digest(canonical_json(one.request.body)) for one in JUDGE.open(params).canaries(0))
        faulty, capped, tight = (first.copy(Path(temporary) / str(n)) for n in range(1, 4))

        calm = Runs(first, Server(answer=answer))
        calm.finish()
        wanted = state(first, requests)

        plan, lot = Plan(seed, share, probes), random.Random(seed)
        storm = Runs(faulty, Server(plan, answer))
        most = 2 * len(requests) // (kills + 1)
        landed = sum(storm.kill(lot.randint(1, most)) for _ in range(kills))
        runs = storm.finish() + storm.finish(*(f"--again={status}" for status in ("cut", "refused", "empty")))
        found = state(faulty, requests)
        twice, calls = paid_twice(storm.server, requests), len(storm.server.seen)
        last = storm.end(storm.start())
        more = len(storm.server.seen) - calls

        cap = calm.server.spent // 2 + 20_000
        limited = [Runs(tight, Server(answer=answer)), Runs(capped, Server(Plan(seed + 1, share, probes), answer))]
        statuses = [one.end(one.start(f"--max-tokens={cap}")) for one in limited]
        output = "".join(one.output for one in (calm, storm, *limited))
        leaks = [path for clone in (first, faulty, capped, tight) for path in holding(clone.folder, KEY.encode())]
        for one in (calm, storm, *limited):
            one.server.stop()

    faults = plan.drawn.total()
    checks = [
        ("requests", f"{len(requests):,}", len(requests) >= 1000),
        (
            "usable replies of the run without faults",
            f"{len(wanted['replies']):,}",
            len(wanted["replies"]) == len(requests),
        ),
        ("attempts, of which failed", f"{calls:,}, {faults:,} ({faults / calls:.0%})", faults > 0),
        ("kills, of which during a run", f"{kills}, {landed}", landed > 0),
        ("runs to the end after the last kill", f"{runs}", True),
        ("replies equal those without faults", "yes", found["replies"] == wanted["replies"]),
        ("facts of the stage are the same bytes", "yes", found["facts"] == wanted["facts"]),
        (f"paid twice (at most {CONCURRENCY} a kill)", f"{twice}", twice <= CONCURRENCY * landed),
        ("requests of one more run", f"{more}", more == 0 and last == 0),
        *(
            (f"tokens by the server's count, cap {cap:,}, {name}", f"{one.server.spent:,}", one.server.spent <= cap)
            for name, one in zip(("no faults", "faults"), limited, strict=True)
        ),
        (
            "stopped at the cap",
            f"exit status {statuses}",
            statuses == [1, 1] and output.count("could pass the cap") == 2,
        ),
        (
            "files with the key, outputs with the key",
            f"{len(leaks)}, {output.count(KEY)}",
            not leaks and KEY not in output,
        ),
        ("tracebacks", f"{output.count('Traceback')}", "Traceback" not in output),
    ]
    click.echo(
        columns(["promise", "found", "held"], [[name, text, "yes" if held else "NO"] for name, text, held in checks])
    )
    click.echo("\n" + columns(["fault", "times"], [[name, n] for name, n in sorted(plan.drawn.items())]))
    click.echo("\n" + "\n".join(re.findall(r"^(?:Stopped|Error).*$", storm.output, re.MULTILINE)[:5]))
    sys.exit(0 if all(held for *_, held in checks) else 1)


if __name__ == "__main__":
    main()
