"""A scorecard as text on a terminal."""

from __future__ import annotations

from typing import Any

_NAMES = {"acknowledge": "Acknowledge", "presence": "Stay present", "solution": "Solution"}


def scorecard_text(scorecard: dict[str, Any]) -> str:
    """Return the scorecard (JSON of DESIGN.md section 6) as plain text."""
    if scorecard.get("status") != "graded":
        return f"Not graded: {scorecard.get('reason') or 'no reason was given'}"
    verdict = "Passed" if scorecard["passed"] else "Not passed yet"
    grader = scorecard["grader"]["model"] or scorecard["grader"]["kind"]
    if scorecard["grader"].get("corrected"):
        grader += ", corrected by a person"
    rubric = scorecard["rubric"]["name"]
    lines = [f"{verdict} · {scorecard['overall']:.0f} of 100 · {rubric} rubric · graded by {grader}"]
    for name, criterion in scorecard["criteria"].items():
        lines.append(f"  {_NAMES.get(name, name):<13} {criterion['level']}/4  {criterion['reason']}")
        lines += [f"                     turn {e['turn']}: “{e['quote']}”" for e in criterion["evidence"][:3]]
    order = scorecard.get("acknowledged_before_solution")
    if order is not None:
        lines.append(f"  Acknowledged before solving: {'yes' if order else 'no'}")
    coaching = scorecard.get("coaching") or {}
    if coaching.get("strength"):
        lines.append(f"  Strength:  {coaching['strength']}")
    if coaching.get("next_time"):
        lines.append(f"  Next time: {coaching['next_time']}")
    for rewrite in coaching.get("rewrites", []):
        lines.append(f"  Turn {rewrite['turn']}, you said: “{rewrite['said']}”\n          try:      “{rewrite['try']}”")
    return "\n".join(lines)
