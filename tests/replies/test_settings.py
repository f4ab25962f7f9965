"""The settings of a stage that asks: one declaration for its options, its defaults and `winnow ask`."""

import click
from click.testing import CliRunner
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from winnow.judging.settings import Settings as JudgeSettings
from winnow.replies.settings import Settings, options


def test_defaults_are_those_of_params_yaml() -> None:
    group = YAML(typ="safe").load((REPOSITORY / "params.yaml").read_text(encoding="utf-8"))["judge"]
    assert JudgeSettings.of("judge", group) == JudgeSettings.of("judge", {}) == JudgeSettings(rubrics=())
    assert set(group) == {one.name for one in options_of(JudgeSettings)}


def options_of(settings: type[Settings]) -> list[click.Parameter]:
    return click.command()(options(settings)(lambda **group: None)).params


def test_the_options_give_the_settings_back() -> None:
    seen: list[Settings] = []

    @click.command()
    @options(Settings)
    def command(**group: object) -> None:
        seen.append(Settings.of("check", group))

    arguments = ["--model", "m", "--temperature", "1", "--samples", "2", "--extra", '{"top_p": 0.9}', "--rows", "all"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    assert CliRunner().invoke(command, []).exit_code == 0
    assert seen == [Settings(model="m", temperature=1.0, samples=2, extra={"top_p": 0.9}, rows="all"), Settings()]
    assert "Sampling temperature" in CliRunner().invoke(command, ["--help"]).output
    assert CliRunner().invoke(command, ["--temperature", "3"]).exit_code == 2


def test_snapshots_of_a_model_are_that_model() -> None:
    settings = Settings(model="qwen", answers_as="/models/q.gguf")
    accepted = [settings.accepts(name) for name in ("qwen", "/models/q.gguf", "qwen-20250101", "qwen@20250101")]
    assert accepted == [True] * 4
    assert not any(settings.accepts(name) for name in ("qwen2", "qwen-max", "", "Qwen", "qwen-20250101-x"))
    assert not Settings().accepts("")
