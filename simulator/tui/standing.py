"""How far a grader can be trusted, looked up or measured beside whatever is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.worker import WorkerError

from simulator.errors import SimulatorError

if TYPE_CHECKING:
    from textual.worker import Worker

    from simulator.grading.scorecard import GraderStamp, RubricStamp
    from simulator.tui.app import PractiseApp


class Standing:
    """Says how well graders agree with expert marks. It belongs to the app, so that measuring goes on whatever screen
    comes and goes, and never happens twice at once."""

    def __init__(self, app: PractiseApp) -> None:
        self._app = app
        self._measuring: Worker[None] | None = None

    async def of(self, card: Mapping[str, Any]) -> tuple[str, ...]:
        """Return in sentences how far the grader of ``card`` can be trusted, as far as that is known.

        The built-in grader is compared with expert marks where it was not yet, which takes a few seconds.
        """
        stamps = await asyncio.to_thread(self._stamps, card)
        if stamps is None:
            return ()
        grader, rubric, in_use = stamps
        said = await asyncio.to_thread(self._app.studio.standing, grader, rubric)
        if not said and in_use:
            if self._measuring is None:
                self._measuring = self._app.run_worker(self._measure(), group="measuring")
            try:
                await self._measuring.wait()
            except WorkerError:  # the program is being closed
                return ()
            said = await asyncio.to_thread(self._app.studio.standing, grader, rubric)
        return tuple(filter(None, (said, await asyncio.to_thread(self._app.studio.stands_in))))

    def _stamps(self, card: Mapping[str, Any]) -> tuple[GraderStamp, RubricStamp, bool] | None:
        """Return who graded ``card`` by which rubric, and whether that is the built-in grader in use now."""
        from pydantic import ValidationError  # noqa: PLC0415 - not needed before a debrief is shown

        from simulator.grading.scorecard import GraderStamp, RubricStamp  # noqa: PLC0415 - as above

        try:
            grader = GraderStamp.model_validate(card.get("grader"))
            rubric = RubricStamp.model_validate(card.get("rubric"))
        except ValidationError:
            return None
        now = getattr(self._app.studio.labeler, "name", "")
        return grader, rubric, grader.model == now and rubric == self._app.studio.grader.rubric.stamp

    async def _measure(self) -> None:
        try:
            await self._app.studio.measure()
        except (SimulatorError, ValueError) as error:
            self._app.log(str(error))  # a gold file of one's own that is broken is for `doctor` to tell
        finally:
            self._measuring = None
