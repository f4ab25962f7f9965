"""How two readers, who did not see what ``filter`` decided, judged rows that it keeps and rows that it drops.

``tests/cases/filter_verdicts.json`` has the row ids and both verdicts, no text. The first 400 rows were read before
the last changes of the rules, which took the readers' part (greetings and bare answers stay); the last 102 after them,
drawn from the rarest pairs of source and reason, so that common reasons weigh less here than among all drops.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from winnow.storage.buckets import read_all

FILE = Path(__file__).resolve().parents[1] / "cases" / "filter_verdicts.json"
HEADER = ["reason", "rows", "both drop", "one drops", "both keep", "precision", "all drops"]


def agreement(verdicts: dict[str, list[str]]) -> tuple[float, float]:
    """Return the share of rows on which both readers agree, and Cohen's kappa.

    >>> agreement({"a": ["drop", "drop"], "b": ["keep", "keep"]})
    (1.0, 1.0)
    """
    rows = list(verdicts.values())
    agree = sum(a == b for a, b in rows) / len(rows)
    first, second = (sum(row[reader] == "drop" for row in rows) / len(rows) for reader in (0, 1))
    chance = first * second + (1 - first) * (1 - second)
    return agree, (agree - chance) / (1 - chance) if chance < 1 else 1.0


def confusion(buckets: int) -> tuple[list[list[Any]], str]:
    """Return a row for each reason (and for the kept rows) with the readers' verdicts, and the result as a sentence.

    ``precision`` is the mean share of rows that a reader would drop too; the sentence also weighs the reasons by how
    many rows each drops in this version.
    """
    verdicts: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8"))
    table = read_all("data/filter", buckets, ["row_id", "verdict", "reason"])
    decided = {row["row_id"]: row["reason"] if row["verdict"] == "drop" else "kept" for row in table.to_pylist()}
    everything = Counter(decided.values())
    found: dict[str, Counter[int]] = {}
    for row_id, pair in verdicts.items():
        if row_id in decided:
            found.setdefault(decided[row_id], Counter())[pair.count("drop")] += 1
    rows, weighed, weight, judged, right = [], 0.0, 0, 0, 0.0
    for reason, votes in sorted(found.items()):
        count, share = votes.total(), (votes[2] + votes[1] / 2) / votes.total()
        rows.append([reason, count, votes[2], votes[1], votes[0], f"{share:.3f}", everything[reason]])
        if reason != "kept":
            weighed, weight = weighed + share * everything[reason], weight + everything[reason]
            judged, right = judged + count, right + share * count
    agree, kappa = agreement(verdicts)
    text = (
        f"precision of dropping {right / judged:.3f} on {judged} rows, {weighed / weight:.3f} weighed by reason; "
        f"the readers agree on {agree:.3f} of {len(verdicts)} rows, kappa {kappa:.3f}"
    )
    return rows, text
