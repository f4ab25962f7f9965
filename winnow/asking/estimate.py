"""What a run will cost before anything is sent: requests, tokens and price, the replies at their longest."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from winnow.asking.budget import most_completion
from winnow.asking.prices import Prices, dollars
from winnow.asking.stage import in_batches
from winnow.ledger.request import Request
from winnow.records.record import canonical_json
from winnow.text.lengths import cjk_characters, estimated_tokens

_PER_MESSAGE = 4  # tokens of a chat template around a message: OpenAI's cookbook counts 3 or 4


@dataclass
class Estimate:
    """Sums over requests: ``prompt`` tokens are estimated, ``completion`` ones the most there can be."""

    requests: int = 0
    prompt: int = 0
    completion: int = 0
    cost: int = 0  # pico-dollars
    unlimited: int = 0  # requests without max_tokens
    models: Counter[str] = field(default_factory=Counter)
    unpriced: set[str] = field(default_factory=set)


def _texts(body: Mapping[str, Any]) -> str:
    """Return what a server puts into the prompt: the contents, and the schema or tools as JSON."""
    said = [m["content"] if isinstance(m.get("content"), str) else canonical_json(m) for m in body["messages"]]
    return "\n".join([*said, *(canonical_json(body[name]) for name in ("response_format", "tools") if body.get(name))])


def estimate(requests: Iterable[Request], prices: Prices, batch: bool = False) -> Estimate:
    """Return what ``requests`` will use; ``batch``: at the prices of Batch files. Memory stays flat."""
    total = Estimate()
    for some in in_batches(requests):
        texts = pa.array([_texts(request.body) for request in some])
        tokens = estimated_tokens(texts, cjk_characters(texts)).tolist()
        for request, in_text in zip(some, tokens, strict=True):
            model = str(request.body.get("model"))
            prompt = in_text + _PER_MESSAGE * len(request.body["messages"])
            completion = most_completion(request.body)
            total.requests += 1
            total.models[model] += 1
            total.prompt += prompt
            total.completion += completion or 0
            total.unlimited += completion is None
            if price := prices.get(model):
                total.cost += round(price.cost(prompt, completion or 0) * (price.batch if batch else 1))
            else:
                total.unpriced.add(model)
    return total


def lines(total: Estimate) -> list[str]:
    """Return the estimate as lines of text."""
    most = f"{total.completion:,} of replies at most"
    if total.unlimited:
        most += f", and {total.unlimited:,} replies without a limit (no max_tokens)"
    if total.unpriced:
        cost = f"unknown price of {', '.join(sorted(total.unpriced))} (data/prices.yaml)"
    else:
        cost = f"{dollars(total.cost)} at most by data/prices.yaml, if nothing has to be sent twice"
    return [
        f"requests: {total.requests:,}, model {', '.join(sorted(total.models))}",
        f"tokens: about {total.prompt:,} of prompts (estimated without the model's tokenizer), {most}",
        f"cost: {cost}",
    ]


def cap_problem(total: Estimate, max_tokens: int | None, max_cost: int | None) -> str | None:
    """Say why a cap could not be held for these requests, or return None."""
    if (max_tokens is not None or max_cost is not None) and total.unlimited:
        return "a request has no max_tokens, so that no cap could be held; set it in params.yaml."
    if max_cost is not None and total.unpriced:
        return (
            f"data/prices.yaml has no price of {', '.join(sorted(total.unpriced))}, so that --max-cost could not be "
            "held; add it there, or use --max-tokens."
        )
    return None
