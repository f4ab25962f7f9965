"""Fixtures of the tests of patches."""

from tests.reading import conftest

project = conftest.project
