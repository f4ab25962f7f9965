"""map_buckets: the order of the tasks, any number of workers, and workers that die."""

import os
import signal
import time

import pytest

from winnow.harness.errors import UserError
from winnow.harness.processes import map_buckets, workers


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
def test_results_come_in_the_order_of_the_tasks(monkeypatch, count):
    monkeypatch.setenv("WINNOW_WORKERS", count)
    results = list(map_buckets(slow_first, range(12)))
    assert [value for value, _ in results] == [n * n for n in range(12)]
    own = {pid == os.getpid() for _, pid in results}
    assert own == {count == "1"}


def test_no_tasks(monkeypatch):
    monkeypatch.setenv("WINNOW_WORKERS", "4")
    assert list(map_buckets(slow_first, [])) == []


def test_a_killed_worker_is_an_error_and_no_hang(monkeypatch):
    monkeypatch.setenv("WINNOW_WORKERS", "2")
    start = time.monotonic()
    with pytest.raises(UserError, match="A worker process was killed"):
        list(map_buckets(killed, range(8)))
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("count", ["1", "3"])
def test_the_error_of_a_task_reaches_the_caller(monkeypatch, count):
    monkeypatch.setenv("WINNOW_WORKERS", count)
    with pytest.raises(UserError, match="task 2 is wrong"):
        list(map_buckets(wrong, range(6)))


@pytest.mark.parametrize("text", ["0", "-1", "abc", "1.5", " ", "²"])
def test_a_wrong_number_of_workers_is_refused(monkeypatch, text):
    monkeypatch.setenv("WINNOW_WORKERS", text)
    with pytest.raises(UserError, match="WINNOW_WORKERS"):
        workers()


def test_without_a_number_all_processors_work(monkeypatch):
    monkeypatch.delenv("WINNOW_WORKERS", raising=False)
    assert workers() >= 1
    monkeypatch.setenv("WINNOW_WORKERS", "7")
    assert workers() == 7
