"""Where sessions are set up: everything a screen or a command needs to start, resume and grade one.

The studio chooses nothing itself: ``cli`` hands it the parts. It is all that the screens know of the engine's wiring.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from simulator.customer.voice import Voice
from simulator.errors import TranscriptError
from simulator.grading.calibrating import Calibration, Calibrations, calibrate
from simulator.grading.correcting import (
    StoredLabels,
    as_labels,
    corrected,
    correction,
    grading_lines,
    learn,
    stored_labels,
)
from simulator.grading.gold import read_gold
from simulator.grading.grader import Grader
from simulator.grading.labeler import EmbeddedLabeler, Labeler
from simulator.grading.scorecard import GraderStamp, RubricStamp, Scorecard
from simulator.personas.loader import load
from simulator.personas.schema import Persona
from simulator.practice.session import Cast, Session, Writer, utc_now
from simulator.prompts import PromptLibrary
from simulator.settings import Settings
from simulator.transcripts.pseudonyms import trainee_name
from simulator.transcripts.records import Header, NoteLine, ScorecardLine
from simulator.transcripts.store import Store


@dataclass(frozen=True)
class Studio:
    """The parts of the program, wired.

    ``connect`` makes the voice of a kind (``openai``, ``local``, ``scripted``) and raises ``SimulatorError`` where it
    cannot; ``voice_kind`` is the kind the settings choose, or None where a person has to choose first; ``make_grader``
    makes the grader of other settings; ``calibrations`` are the known figures of graders against expert marks.
    """

    settings: Settings
    store: Store
    prompts: PromptLibrary
    labeler: Labeler
    grader: Grader
    connect: Callable[[str, Settings], Awaitable[Voice]]
    voice_kind: Callable[[Settings], str | None]
    make_grader: Callable[[Settings], Grader] | None = None
    calibrations: Calibrations | None = None

    def with_settings(self, settings: Settings) -> Studio:
        """Return the same studio under other settings; raises ``SimulatorError`` where their grader cannot be had."""
        grader = self.make_grader(settings) if self.make_grader is not None else self.grader
        return replace(self, settings=settings, grader=grader)

    def persona(self, persona_id: str, seed: int | None = None) -> Persona:
        """Return the persona for ``seed``, a fresh one where None; raises ``PersonaError``."""
        return load(persona_id, self.settings.persona_dirs(), secrets.randbelow(10_000) if seed is None else seed)

    def begin(self, persona: Persona, voice: Voice, *, writer: Writer | None = None, session_id: str = "") -> Session:
        """Start a session in its own file, or in ``writer``; raises ``TranscriptError`` where it cannot be saved."""
        header = self.header(persona, voice, session_id)
        if writer is None:
            file = self.store.create(header)
            return Session(self._cast(persona, voice), file.header or header, file)
        writer.append(header)
        return Session(self._cast(persona, voice), header, writer)

    def resume(self, session_id: str, voice: Voice) -> Session:
        """Go on with a session that was broken off; raises ``SimulatorError`` where that cannot be.

        The persona is rendered again for the saved seed. Where its file has changed since, the session goes on with
        the new one and the transcript says so.
        """
        transcript, file = self.store.resume(session_id)
        try:
            header = transcript.header
            persona = self.persona(header.persona, header.seed)
            session = Session(self._cast(persona, voice), header, file, transcript.turns)
            changed = "" if persona.sha256 == header.persona_sha256 else "; the persona file has changed since"
            file.append(NoteLine(at=utc_now(), text=f"resumed with the {voice.kind} voice{changed}"))
        except BaseException:
            file.close()
            raise
        return session

    async def regrade(self, session_id: str, progress: Callable[[str], None] | None = None) -> Scorecard:
        """Grade a saved session (again) and append the scorecard to it; raises ``TranscriptError``.

        What a person has corrected stands, whatever the grader says now.
        """
        transcript, file = await asyncio.to_thread(self.store.reopen, session_id)
        with file:
            scorecard = await self.grader.grade(transcript.bare(), progress)
            lines = list(grading_lines(scorecard, utc_now()))
            if transcript.corrections and scorecard.status == "graded":
                stored = corrected(StoredLabels(as_labels(scorecard), scorecard.grader), transcript)
                scorecard = await asyncio.to_thread(
                    self.grader.grade_labels, transcript.bare(), stored.labels, stored.stamp
                )
                lines[-1] = ScorecardLine(at=utc_now(), scorecard=scorecard.record())
            for line in lines:
                await asyncio.to_thread(file.append, line)
        return scorecard

    def correct(
        self,
        session_id: str | Path,
        place: int,
        add: Sequence[tuple[str, str]] = (),
        remove: Sequence[str] = (),
        *,
        learns: bool = False,
    ) -> Scorecard:
        """Correct the labels of one trainee turn of a saved session and return its new scorecard.

        The correction and the scorecard, worked out without any model, are appended to the session. Where it
        ``learns``, the turn joins the trainer's own corpus and the labeler is fitted again when next used. Raises
        ``SimulatorError`` naming what cannot be corrected.
        """
        transcript, file = self.store.reopen(session_id)
        with file:
            line = correction(transcript, place, add, remove, utc_now())
            transcript = transcript.model_copy(update={"corrections": (*transcript.corrections, line)})
            stored = stored_labels(transcript)
            if stored is None:
                raise TranscriptError("The session has not been graded yet.", "Grade it first.")
            scorecard = self.grader.grade_labels(transcript.bare(), stored.labels, stored.stamp)
            file.append(line)
            file.append(ScorecardLine(at=utc_now(), scorecard=scorecard.record()))
        if learns:
            learn(transcript, self.settings.folder / "corpus")
            if isinstance(self.labeler, EmbeddedLabeler):
                self.labeler.forget()
        return scorecard

    def standing(self, grader: GraderStamp, rubric: RubricStamp) -> str:
        """Return in a sentence or two how well a grader agrees with expert marks, as far as that is known.

        Empty where the built-in grader has not been compared yet (``measure`` does it) or nothing is remembered.
        """
        if self.calibrations is None:
            return ""
        # a correction changes labels, not who the grader is
        grader = grader.model_copy(update={"corrected": 0})
        found = self.calibrations.known(grader, rubric)
        if found is not None:
            return f"This grader {found.sentence}."
        if grader.kind == "model":
            return "Nobody has compared this grader with expert marks yet; simulator calibrate does."
        return ""

    def stands_in(self) -> str:
        """Return why the built-in grader gives the levels though an evaluator model is configured; else nothing."""
        if self.calibrations is None or self.grader.kind != "model":
            return ""
        found = self.calibrations.known(self.grader.stamp, self.grader.rubric.stamp)
        if found is None or found.agreement.trusted is not False:
            return ""
        return f"{self.grader.name} {found.sentence}: levels come from the built-in grader."

    async def measure(self) -> Calibration | None:
        """Compare the built-in grader with the gold set and remember the figure, one conversation at a time.

        Takes a few seconds, in threads; returns None where there is nothing to compare. Raises ``SimulatorError``
        where the trainer's own gold file cannot be used.
        """
        if self.calibrations is None or not isinstance(self.labeler, EmbeddedLabeler):
            return None
        grader = Grader(self.labeler, self.grader.rubric)
        gold = await asyncio.to_thread(read_gold, self.calibrations.gold, lambda name: self.store.read(name).bare())
        found = await calibrate(grader, gold, jobs=1)
        await asyncio.to_thread(self.calibrations.keep, found)
        return found

    def header(self, persona: Persona, voice: Voice, session_id: str = "") -> Header:
        """Return the first line of a session of ``persona`` that begins now."""
        rubric = self.grader.rubric
        return Header(
            id=session_id,
            started_at=utc_now(),
            persona=persona.id,
            persona_sha256=persona.sha256,
            persona_name=persona.name,
            setting=persona.setting,
            channel=persona.channel.value,
            difficulty=persona.difficulty.value,
            seed=persona.seed,
            voice=voice.kind,
            voice_model=voice.model,
            grader=self.grader.name,
            rubric=rubric.name,
            rubric_sha256=rubric.sha256,
            prompts=self.prompts.hashes(),
            turn_limit=persona.turn_limit,
            trainee=trainee_name(self.settings),
        )

    def _cast(self, persona: Persona, voice: Voice) -> Cast:
        return Cast(persona, voice, self.labeler, self.prompts)
