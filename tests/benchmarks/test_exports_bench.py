"""The bench of the exports plays what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks import exports


def test_its_sessions_are_graded_and_exported(tmp_path: Path) -> None:
    exports.fill(tmp_path / "sessions", exports.graded(), 3)
    seconds, memory = exports.exported(tmp_path / "sessions", "csv", tmp_path / "out.csv")
    rows = (tmp_path / "out.csv").read_text("utf-8").split("\nsession-")
    assert len(rows) == 4
    assert all(",graded," in row for row in rows[1:])
    assert seconds > 0
    assert memory > 10
