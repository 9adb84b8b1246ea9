"""The garbage collector's patience during bulk work."""

from __future__ import annotations

import gc

import pytest

from billdesk.kernel.collector import patient_collector


def test_the_collector_waits_longer_inside_and_is_as_before_afterwards() -> None:
    usual = gc.get_threshold()
    with patient_collector():
        assert gc.get_threshold()[0] > usual[0]
        assert gc.get_threshold()[1:] == usual[1:]
    assert gc.get_threshold() == usual


def test_an_error_inside_brings_the_usual_thresholds_back() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="stop"), patient_collector():
        raise ValueError("stop")
    assert gc.get_threshold() == usual


def test_the_first_of_two_jobs_to_end_leaves_the_other_its_patience() -> None:
    usual = gc.get_threshold()
    first, second = patient_collector(), patient_collector()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > usual[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == usual
