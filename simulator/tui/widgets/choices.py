"""A list to choose from, with its Enter key in the footer."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class Choices(OptionList):
    """An option list that never reads markup. It posts ``OptionList.OptionSelected``."""

    BINDINGS: ClassVar[list[Any]] = [Binding("enter", "select", "Choose")]

    def __init__(self, *options: Option, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(*options, id=id, markup=False)

    @property
    def chosen(self) -> str:
        """The id of the highlighted option, or an empty text."""
        option = self.highlighted_option
        return (option.id or "") if option is not None else ""
