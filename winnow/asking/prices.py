"""What tokens cost: ``data/prices.yaml`` in whole pico-dollars per token, so that every sum is exact."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.error import YAMLError

from winnow.harness.documents import parse_yaml
from winnow.harness.errors import UserError

PRICES = Path("data/prices.yaml")
PICO = 10**12  # pico-dollars of a dollar; a price in USD per 1M tokens is 1e6 times as many of them per token
_FIELDS = ("input", "output", "batch")


class Price(NamedTuple):
    """Pico-dollars per token of the prompt and of the reply; ``batch`` is the share charged for Batch files."""

    input: int
    output: int
    batch: float

    def cost(self, prompt: int, completion: int) -> int:
        """Return what so many tokens cost, in pico-dollars.

        >>> Price(150_000, 600_000, 0.5).cost(1_000_000, 0) / PICO
        0.15
        """
        return prompt * self.input + completion * self.output


Prices = Mapping[str, Price]


def read_prices(path: Path = PRICES) -> Prices:
    """Return the prices by the model's name; a missing file knows none, a wrong one is a :class:`UserError`."""
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no YAML ({' '.join(str(error).split())}); correct it.") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UserError(f"{path} must map models to their prices, such as `my-model: {{input: 0.5, output: 1}}`.")
    return {str(name): _price(entry, f"{path}: {name}") for name, entry in document.items()}


def _price(entry: Any, where: str) -> Price:
    if not isinstance(entry, dict) or not {"input", "output"} <= entry.keys() <= set(_FIELDS):
        raise UserError(f"{where} must have `input` and `output`, in USD per 1M tokens, may have `batch`, and no more.")
    for name, value in entry.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise UserError(f"{where}: {name} is {value!r}; it must be a number, 0 or more.")
    return Price(round(entry["input"] * 10**6), round(entry["output"] * 10**6), float(entry.get("batch", 1)))


def dollars(cost: int) -> str:
    """Return a cost in pico-dollars as people read it, never less than it is.

    >>> dollars(1_234_567_890_123), dollars(1_500_000), dollars(0)
    ('$1.24', '$0.0001', '$0.00')
    """
    digits = 2 if cost == 0 or cost >= PICO // 10 else 4
    return f"${math.ceil(cost * 10**digits / PICO) / 10**digits:,.{digits}f}"
