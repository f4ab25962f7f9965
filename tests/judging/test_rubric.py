"""Rubrics are files that people write: what is wrong in one is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.judging.replies import settings
from winnow.facts import lexicon
from winnow.harness.errors import UserError
from winnow.judging.prompt import system_message
from winnow.judging.render import request
from winnow.judging.rubric_file import load
from winnow.judging.settings import RUBRICS
from winnow.ledger.request import payload

FOLDER = Path(RUBRICS)
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_rubrics_speak_both_languages(name: str) -> None:
    rubric = load(name, FOLDER)
    assert set(rubric.task) == {"en", "zh"}
    assert {known.language for known in rubric.canaries} == {"en", "zh"}
    for form in ("json_schema", "text"):
        assert all(one.name in system_message(rubric, "zh", form) for one in rubric.criteria)
        assert not set("。，；") & set(system_message(rubric, "en", form))


@pytest.mark.parametrize("name", NAMES)
def test_the_reason_is_asked_for_before_the_verdict(name: str) -> None:
    found = settings(rubrics=[name], model="m")
    body = request(found, [("user", "Hi")], "en", found.rubrics[0], 0).body
    sent = json.loads(payload(body))["response_format"]["json_schema"]["schema"]["properties"]
    assert list(sent) == ["reason", *(field for field, _ in found.rubrics[0].allowed)]


def test_tags_are_those_of_the_rules() -> None:
    for one in load("tags", FOLDER).criteria:
        assert set(one.values) == set(lexicon.load(one.name)["labels"])


GOOD: dict[str, Any] = {
    "kind": "scores",
    "task": {"en": "Grade."},
    "criteria": {"depth": {"en": "How deep?"}},
    "canaries": [{"name": "c", "language": "en", "prompt": "p", "response": "r", "expect": {"depth": [1, 3]}}],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "grades"}, "kind must be one of scores, labels, comparison, not 'grades'"),
        ({"task": {}}, "task must be a map"),
        ({"task": {"en": " "}}, "task holds no text"),
        ({"task": {"fr": "Notez."}}, "task must be a map of en and zh"),
        ({"criteria": {}}, "criteria are missing"),
        ({"criteria": {"how deep": {"en": "?"}}}, "criteria.how deep must be a name"),
        ({"criteria": {"overall": {"en": "?"}}}, "criteria.overall is a name that Winnow uses"),
        ({"criteria": {"depth": {"en": "?", "values": ["a", "b"]}}}, "of other kinds none"),
        ({"criteria": {"depth": {"zh": "?"}}}, "criteria.depth must be written in en"),
        ({"shows": ["answer"]}, "shows may hold prompt and response"),
        ({"kind": "comparison"}, "criteria stand in the task of a comparison"),
        ({"reply": "two_scores"}, "reply may be two_scores in a comparison only"),
        ({"shows": 1}, "shows may hold"),
        ({"shows": [["prompt"]]}, "shows may hold"),
        ({"shows": []}, "shows may hold"),
        ({"criteria": ["depth"]}, "criteria must be a map"),
        ({"criteria": {"preferred": {"en": "?"}}}, "criteria.preferred is a name that Winnow uses"),
        ({"criteria": {"_depth": {"en": "?"}}}, "criteria._depth must be a name"),
        (
            {"kind": "labels", "criteria": {"depth": {"en": "?", "values": "ab"}}},
            "criteria.depth.values must be a list",
        ),
        ({"canaries": 1}, "canaries must be a list"),
        ({"canaries": [{**GOOD["canaries"][0], "expect": {"depth": [True, 3]}}]}, "expect.depth must be a lowest"),
        (
            {
                "kind": "labels",
                "criteria": {"depth": {"en": "?", "values": ["low", "high"]}},
                "canaries": [{**GOOD["canaries"][0], "expect": {"depth": "hi"}}],
            },
            "expect.depth must be one of low, high, not 'hi'",
        ),
        (
            {
                "kind": "comparison",
                "criteria": {},
                "canaries": [{**GOOD["canaries"][0], "other": "o", "expect": {"preferred": "A"}}],
            },
            "expect.preferred must be one of chosen, rejected, tie, not 'A'",
        ),
        ({"scale": 5}, "scale is no entry of a rubric"),
        ({"canaries": [{"name": "c"}]}, r"canaries\[0\] needs name"),
        ({"canaries": [{**GOOD["canaries"][0], "expect": {"depth": [0, 3]}}]}, r"expect.depth must be a lowest"),
        ({"canaries": [{**GOOD["canaries"][0], "expect": {"width": [1, 3]}}]}, r"expect must name some of depth"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with (tmp_path / "r.yaml").open("w") as file:
        YAML().dump(GOOD, file)
    assert load("r", tmp_path).criteria[0].name == "depth"
    with (tmp_path / "r.yaml").open("w") as file:
        YAML().dump({**GOOD, **change}, file)
    with pytest.raises(UserError, match=rf"r\.yaml, .*{said}"):
        load("r", tmp_path)


def test_settings_that_contradict_themselves_are_named() -> None:
    with pytest.raises(UserError, match=r"names 'depth', which is no file of data/rubrics; there are comparison"):
        settings(rubrics=["depth"], model="m")
    with pytest.raises(UserError, match=r"judge\.model is empty"):
        settings(rubrics=["pair"])
    with pytest.raises(UserError, match="all samples would say the same"):
        settings(rubrics=["pair"], model="m", samples=2)
    with pytest.raises(UserError, match="may not hold messages"):
        settings(rubrics=["pair"], model="m", extra={"messages": []})
    with pytest.raises(UserError, match="one seed for all"):
        settings(rubrics=["pair"], model="m", samples=2, temperature=1.0, extra={"seed": 1})
    with pytest.raises(UserError, match=r"judge\.rubrics is 'pair'; it must be a list"):
        settings(rubrics="pair", model="m")
    with pytest.raises(UserError, match=r"judge\.temperature is 'warm'"):
        settings(rubrics=["pair"], model="m", temperature="warm")
    with pytest.raises(UserError, match=r"judge\.max_tokens is 16\.5"):
        settings(rubrics=["pair"], model="m", max_tokens=16.5)


def test_a_setting_as_yaml_has_it_makes_the_requests_of_the_stage() -> None:
    def key(**group: Any) -> str:
        found = settings(**{"rubrics": ["pair"], "model": "m", **group})
        return request(found, [("user", "Hi")], "en", found.rubrics[0], 0).key

    assert key(temperature=0, max_tokens=100) == key(temperature=0.0, max_tokens=100.0)
    assert key(temperature=1, extra=None) == key(temperature=1.0, extra={})
    assert key(model=7) == key(model="7")
