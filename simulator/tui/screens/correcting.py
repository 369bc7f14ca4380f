"""Correcting what was seen: choose a turn, take a label off or put one on with its words; saved at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from simulator.cleaning import one_line
from simulator.errors import SimulatorError
from simulator.labels import DEFINITIONS, Label
from simulator.tui.screens.base import PractiseDialog
from simulator.tui.text import line, lines, quoted, trouble
from simulator.tui.widgets.choices import Choices

if TYPE_CHECKING:
    from simulator.labels import TurnLabels
    from simulator.transcripts.records import Transcript

_SHOWN = 76


class CorrectionDialog(PractiseDialog[bool]):
    """Corrects the labels of ``transcript``; dismissed with whether anything was corrected.

    Escape goes back one step: from the words to the labels, from the labels to the turns, and out.
    """

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "back", "Back"),
        Binding("ctrl+l", "learn", "Learn", priority=True),
    ]

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self.transcript = transcript
        self._labels: dict[int, TurnLabels] = {}
        self._place: int | None = None
        self._label: Label | None = None
        self._asked = Content()
        self._changed = False

    def compose(self) -> ComposeResult:
        """Yield the list that is turns first and labels next, and the field for the words."""
        with Vertical(classes="dialog wide"):
            yield Static(classes="question", id="correct-asked", markup=False)
            yield Choices(id="correct-list")
            yield Input(id="correct-words", compact=True)
            yield Static(id="correct-said", markup=False)

    def on_mount(self) -> None:
        """Begin with the turns."""
        self.query_one("#correct-words").display = False
        self._read()
        self._show_turns()

    def _read(self) -> None:
        from simulator.grading.correcting import stored_labels  # noqa: PLC0415 - numpy stays out of the first frame

        stored = stored_labels(self.transcript)
        self._labels = stored.labels if stored is not None else {}

    # -- the three steps --

    def _show_turns(self, highlighted: int | None = None) -> None:
        self._place = None
        options = [
            Option(
                lines(
                    Content.assemble(
                        (f"turn {place + 1}  ", "$accent"), quoted(_short(self.transcript.turns[place].text))
                    ),
                    line(", ".join(mark.label.value.replace("_", " ") for mark in given) or "nothing", "$text-muted"),
                ),
                id=str(place),
            )
            for place, given in self._labels.items()
        ]
        self._show("Which of your turns was seen wrongly?", options, None if highlighted is None else str(highlighted))

    def _show_labels(self, highlighted: str | None = None) -> None:
        if self._place is None:
            return
        given = self._labels[self._place]
        carried = sorted(Label, key=lambda label: label not in given)
        options = [
            Option(
                Content.assemble(
                    ("● " if label in given else "○ ", "$success" if label in given else "$text-muted"),
                    (label.value.replace("_", " "), "bold" if label in given else ""),
                    (f"  {DEFINITIONS[label]}", "$text-muted"),
                ),
                id=label.value,
            )
            for label in carried
        ]
        text = quoted(self.transcript.turns[self._place].text)
        self._show(lines(line("Enter takes a label off (●) or puts one on (○).", "bold"), text), options, highlighted)

    def _show_words(self, label: Label) -> None:
        if self._place is None:
            return
        self._label = label
        words = self.query_one("#correct-words", Input)
        words.value = one_line(self.transcript.turns[self._place].text)
        words.display = True
        self.query_one("#correct-list").display = False
        name = label.value.replace("_", " ")
        self._ask(line(f"Which words show “{name}”? Leave only those, copied from the turn, and press Enter.", "bold"))
        words.focus()

    def _show(self, asked: str | Content, options: list[Option], highlighted: str | None) -> None:
        self._label = None
        self.query_one("#correct-words").display = False
        choices = self.query_one("#correct-list", Choices)
        choices.clear_options()
        choices.add_options(options)
        choices.display = True
        ids = [option.id for option in options]
        choices.highlighted = ids.index(highlighted) if highlighted in ids else (0 if options else None)
        choices.focus()
        self._ask(line(asked, "bold") if isinstance(asked, str) else asked)

    def _ask(self, asked: Content) -> None:
        self._asked = asked
        self.query_one("#correct-asked", Static).update(asked)
        learns = "learns from it" if self.practise.settings.learn else "does not learn from it"
        self.query_one("#correct-said", Static).update(
            line(f"The grader {learns} (ctrl+l changes that). Escape goes back.", "$text-muted")
        )

    # -- what is done --

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option_id or ""
        if self._place is None:
            self._place = int(chosen)
            self._show_labels()
        elif Label(chosen) in self._labels[self._place]:
            self._correct(Label(chosen), None)
        else:
            self._show_words(Label(chosen))

    @on(Input.Submitted, "#correct-words")
    def _words(self, event: Input.Submitted) -> None:
        if self._label is not None:
            self._correct(self._label, event.value)

    @work(exclusive=True, group="correct")
    async def _correct(self, label: Label, words: str | None) -> None:
        """Take ``label`` off, or put it on with ``words``; what cannot be done is said and nothing is lost."""
        place = self._place
        if place is None:
            return
        studio, session = self.practise.studio, self.transcript.header.id
        add, remove = ([(label.value, words)], []) if words is not None else ([], [label.value])
        try:
            await asyncio.to_thread(studio.correct, session, place, add, remove, learns=self.practise.settings.learn)
            self.transcript = await asyncio.to_thread(studio.store.read, session)
        except SimulatorError as error:
            self.query_one("#correct-said", Static).update(trouble(error))
            return
        self._changed = True
        self._read()
        self._show_labels(label.value)

    def action_learn(self) -> None:
        """Let the labeler learn from corrections from now on, or no longer."""
        self.practise.remember(learn=not self.practise.settings.learn)
        self._ask(self._asked)

    def action_back(self) -> None:
        """Go back one step."""
        if self._label is not None:
            self._show_labels(self._label.value)
        elif self._place is not None:
            self._show_turns(self._place)
        else:
            self.dismiss(self._changed)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rsplit(' ', 1)[0]}…"
