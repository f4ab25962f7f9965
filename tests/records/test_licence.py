"""Licences as people and hubs spell them (``tests/cases/licences.json``)."""

import json
from pathlib import Path
from typing import Any

import pytest

from winnow.records.licence import UnknownLicence, spdx, terms

CASES = json.loads(Path("tests/cases/licences.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_licence(case: dict[str, Any]) -> None:
    if "spdx" in case:
        assert spdx(case["text"]) == case["spdx"]
        assert spdx(case["spdx"]) == case["spdx"]
    else:
        with pytest.raises(UnknownLicence) as error:
            spdx(case["text"])
        assert str(error.value).startswith(case["problem"])
    assert terms(case["text"]) == case["terms"]
