"""The coach's hint during a conversation: short, kind, and chosen by what was last done and how the customer feels.

The choice is a pure function of turns and mood; the words stand in ``prompts/coach-nudge.jinja``. The hint never tells
what the customer has not shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.labels import ACKNOWLEDGING, LISTENING, SOLVING, Label
from simulator.prompts import Prompt
from simulator.transcripts.records import Mood, Role, Stage, Turn

_WORST_FIRST = (
    Label.HOSTILE,
    Label.BIASED,
    Label.BLAMES_CUSTOMER,
    Label.DISMISSES,
    Label.CANCELS_WITH_BUT,
    Label.DEFLECTS,
    Label.CITES_POLICY,
    Label.SELF_FOCUS,
    Label.OVER_APOLOGISES,
)
"""What to mend first where a turn did several things."""


def nudge(turns: Sequence[Turn], mood: Mood, prompt: Prompt) -> str:
    """Return a hint of one or two sentences for the trainee's next turn; ``prompt`` is the prompt coach-nudge."""
    said = [turn for turn in turns if turn.role is Role.TRAINEE]
    hint = prompt.render(situation=situation(turns, mood), turn=len(said))
    return " ".join(hint.split())


def situation(turns: Sequence[Turn], mood: Mood) -> str:
    """Return which situation the trainee is in: a key of the prompt's table.

    A harmful turn comes first, then a solution before its time, then what the mood asks for.
    """
    said = [turn.turn_labels().labels for turn in turns if turn.role is Role.TRAINEE]
    if not said:
        return "first"
    last = said[-1]
    worst = next((label for label in _WORST_FIRST if label in last), None)
    if worst is not None:
        return worst.value
    acknowledged = mood.acknowledged_at is not None or any(labels & ACKNOWLEDGING for labels in said)
    if mood.stage is Stage.READY:
        return _ready(last, offered=mood.offered)
    if mood.owed:
        return "resurfaced"
    if last & SOLVING:
        return "solved_unready" if acknowledged else "solved_first"
    if not acknowledged:
        return _unheard(last)
    if Label.ACKNOWLEDGES_FORMULA in last and not last & ACKNOWLEDGING:
        return "formula"
    if Label.ASKS_PROCESS in last:
        return "process"
    return "high" if mood.stage is Stage.VENTING else "softening" if mood.stage is Stage.SOFTENING else "guarded"


def _ready(last: frozenset[Label], *, offered: bool) -> str:
    if offered or last & SOLVING:
        return "ready_confirm"
    return "ready_offer"


def _unheard(last: frozenset[Label]) -> str:
    """Return the situation where nothing of the customer's trouble has been named yet."""
    if Label.ACKNOWLEDGES_FORMULA in last:
        return "formula"
    if Label.ASKS_PROCESS in last:
        return "process"
    return "listened_only" if last & LISTENING else "unheard"


SITUATIONS = frozenset(label.value for label in _WORST_FIRST) | {
    "first",
    "formula",
    "guarded",
    "high",
    "listened_only",
    "process",
    "ready_confirm",
    "ready_offer",
    "resurfaced",
    "softening",
    "solved_first",
    "solved_unready",
    "unheard",
}
"""Every situation there is; the prompt has words for each."""
