"""The table of the gates against everything that lists them: ``dvc.yaml``, the scripts, the rooms' reasons."""

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from tests.conftest import REPOSITORY
from winnow.gates import contradicting
from winnow.gates.chain import BY_NAME, CHAIN, DUPLICATES, GATES, Gate, before
from winnow.gates.decisions import Drop, Funnel, decide
from winnow.gates.mix import mixing
from winnow.harness.errors import UserError
from winnow.patches import drops

STAGES = YAML(typ="safe").load((REPOSITORY / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def data_of(stage: str) -> list[str]:
    """Return the folders below data/ that a stage depends on, but for the digests of code."""
    folders = [dep.removeprefix("data/") for dep in STAGES[stage]["deps"] if dep.startswith("data/")]
    return [folder for folder in folders if not folder.startswith("code/")]


def test_dvc_runs_the_gates_in_the_order_of_the_chain() -> None:
    assert [stage for stage in STAGES if stage in BY_NAME] == list(GATES)


@pytest.mark.parametrize("gate", CHAIN, ids=lambda gate: gate.name)
def test_a_gate_reads_the_gate_before_it_and_what_the_table_says(gate: Gate) -> None:
    assert set(data_of(gate.name)) == {before(gate.name), *gate.reads}
    assert STAGES[gate.name]["desc"] == gate.sentence
    script = (REPOSITORY / "stages" / f"{gate.name}.py").read_text(encoding="utf-8")
    assert f"before('{gate.name}')" in script or f'before("{gate.name}")' in script
    assert before(gate.name) in gate.reads or f'"data/{before(gate.name)}"' not in script
    assert all(reason.sentence.endswith(".") for reason in gate.reasons.values())


@pytest.mark.parametrize("stage", ["index", "report"])
def test_the_stages_that_join_all_decisions_read_every_gate(stage: str) -> None:
    assert [name for name in data_of(stage) if name in BY_NAME] == list(GATES)


@pytest.mark.parametrize(
    ("gate", "codes"),
    [
        ("filter", set(drops.REASONS.values())),
        ("deduplicate", {*DUPLICATES.values(), *contradicting.REASONS.values(), "preferred"}),
        ("mix", set(mixing.REASONS) - {None}),
    ],
)
def test_the_table_has_the_reasons_of_the_rooms(gate: str, codes: set[str]) -> None:
    assert codes <= set(BY_NAME[gate].reasons)


def test_a_drop_for_a_reason_that_the_table_lacks_is_a_fault() -> None:
    funnel = Funnel()
    funnel.add(decide(pa.array(["a:1"]), {0: Drop("too_green")}))
    with pytest.raises(UserError, match="stage filter dropped rows for 'too_green', which is no reason of this gate"):
        funnel.check("filter", 1)
