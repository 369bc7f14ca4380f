"""Writes the JSON Schema of an export: ``python docs/schema.py``."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.exports.json_export import schema

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    (HERE / "export-json.schema.json").write_text(json.dumps(schema(), indent=1) + "\n", encoding="utf-8")
