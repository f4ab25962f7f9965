"""The table that ``winnow grow`` prints: a line for each round, then reasons, and what is left."""

from collections import Counter
from collections.abc import Mapping, Sequence

from winnow.asking.prices import dollars, read_prices

_WHY = {
    "target": "the target is reached",
    "yield": "the last rounds yielded too little (yield_floor): see the reasons, then change recipe, seeds or model",
    "rounds": "the rounds of the plan are spent; raise rounds to go on",
    "open": "a round is open",
    "proposed": "the next round is listed",
    "waiting": "the seeds wait for verdicts",
}
Lines = Sequence[Mapping[str, str]]


def table(name: str, rounds: Lines, slots: Lines, cost: int, tokens: int) -> list[str]:
    """Return the lines: per round slots, replies, parsed, accepted, yield, tokens and cost per accepted row."""
    mine = [one for one in rounds if one["plan"] == name and one["state"] not in ("proposed", "waiting")]
    head = ["round", "slots", "replies", "parsed", "accepted", "yield", "tokens/row", "cost/row", "reasons"]
    body = [_line(one, slots) for one in mine]
    widths = [max(len(row[n]) for row in [head, *body]) for n in range(len(head))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)) + f"  {row[-1]}"
        for row in [head, *body]
    ]
    accepted, target = sum(int(one["accepted"]) for one in mine), int(mine[-1]["target"]) if mine else 0
    state = next((one["state"] for one in reversed(rounds) if one["plan"] == name), "open")
    left = max(target - accepted, 0)
    return [
        *lines,
        f"accepted: {accepted:,} of {target:,}; left: {left:,}; {_WHY.get(state, state)}",
        f"this run: {tokens:,} tokens, {dollars(cost)} by data/prices.yaml",
    ]


def _line(one: Mapping[str, str], slots: Lines) -> list[str]:
    accepted, total = int(one["accepted"]), int(one["slots"])
    used = int(one["prompt_tokens"]), int(one["completion_tokens"])
    price = read_prices().get(one["model"])
    reasons: Counter[str] = Counter()
    for slot in slots:
        if (slot["plan"], slot["round"]) == (one["plan"], one["round"]) and slot["outcome"] != "accepted":
            reasons[slot["outcome"]] += int(slot["slots"])
    counted = ", ".join(f"{n} {reason}" for reason, n in sorted(reasons.items(), key=lambda item: (-item[1], item[0])))
    good = accepted + reasons["beyond_target"]
    per_row = f"{sum(used) / accepted:,.0f}" if accepted else "-"
    cost = dollars(round(price.cost(*used) / accepted)) if price and accepted else "-"
    share = f"{good / total:.0%}"
    return [one["round"], str(total), one["replies"], one["parsed"], one["accepted"], share, per_row, cost, counted]
