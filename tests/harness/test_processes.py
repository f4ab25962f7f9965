"""map_buckets: the order of the tasks, any number of workers, and workers that die."""

import gc
import os
import signal
import subprocess
import sys
import time

import pytest

from winnow.harness.errors import UserError
from winnow.harness.processes import map_buckets, work_on, workers


def slow_first(task: int) -> tuple[int, int]:
    time.sleep(0.05 * (task == 0))
    return task * task, os.getpid()


def killed(task: int) -> int:
    if task == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def wrong(task: int) -> int:
    if task == 2:
        raise UserError("task 2 is wrong")
    return task


@pytest.mark.parametrize("count", ["1", "2", "5"])
def test_results_come_in_the_order_of_the_tasks(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("WINNOW_WORKERS", count)
    results = list(map_buckets(slow_first, range(12)))
    assert [value for value, _ in results] == [n * n for n in range(12)]
    own = {pid == os.getpid() for _, pid in results}
    assert own == {count == "1"}


def test_no_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_WORKERS", "4")
    assert list(map_buckets(slow_first, [])) == []


def test_a_killed_worker_is_an_error_and_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WINNOW_WORKERS", "2")
    start = time.monotonic()
    with pytest.raises(UserError, match="A worker process was killed"):
        list(map_buckets(killed, range(8)))
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("count", ["1", "3"])
def test_the_error_of_a_task_reaches_the_caller(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("WINNOW_WORKERS", count)
    with pytest.raises(UserError, match="task 2 is wrong"):
        list(map_buckets(wrong, range(6)))


@pytest.mark.parametrize("text", ["0", "-1", "abc", "1.5", " ", "²"])
def test_a_wrong_number_of_workers_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("WINNOW_WORKERS", text)
    with pytest.raises(UserError, match="WINNOW_WORKERS"):
        workers()


def test_without_a_number_all_processors_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WINNOW_WORKERS", raising=False)
    assert workers() >= 1
    monkeypatch.setenv("WINNOW_WORKERS", "7")
    assert workers() == 7


def test_a_small_input_is_worked_on_in_one_process_unless_a_number_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WINNOW_WORKERS", raising=False)
    before, thresholds = workers(), gc.get_threshold()
    with work_on(100_000):
        assert workers() == 1
        monkeypatch.setenv("WINNOW_WORKERS", "3")
        assert workers() == 3
        monkeypatch.delenv("WINNOW_WORKERS")
    with work_on(100_000_000):
        assert workers() == before
    assert (workers(), gc.get_threshold()) == (before, thresholds)


@pytest.mark.parametrize("first", ["", "import pandas"])
def test_pyarrow_takes_pandas_for_missing_unless_it_is_loaded(first: str) -> None:
    script = f"""
import sys
from winnow.harness.processes import leave_pandas_unloaded
{first}
leave_pandas_unloaded()
import pyarrow as pa
pa.array(["a", None]), pa.scalar(1.5), pa.Table.from_pylist([{{"a": 1}}])
print("pandas" in sys.modules)
import pandas
print(pa.array(pandas.Series([1.0, float("nan")])).null_count)
print(pa.Table.from_pandas(pandas.DataFrame({{"a": [None, "x"]}}))["a"].null_count)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == (["True", "1", "1"] if first else ["False", "0", "1"])
