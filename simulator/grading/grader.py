"""The grader: labels (embedded or from an evaluator model), levels by the rubric, coaching, scorecard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from simulator.errors import VoiceError
from simulator.grading.coaching import written_coaching
from simulator.grading.evaluator import Evaluator, UnusableAnswerError
from simulator.grading.labeler import EmbeddedLabeler, label_conversation
from simulator.grading.levels import Judgement, levels
from simulator.grading.model_coaching import model_coaching
from simulator.grading.rubric import Rubric, load_rubric
from simulator.grading.scorecard import Coaching, GradedTurn, GraderStamp, RubricStamp, Scorecard, not_graded
from simulator.labels import TurnLabels
from simulator.models.address import is_loopback
from simulator.models.protocol import Model
from simulator.prompts import PromptLibrary
from simulator.settings import Settings
from simulator.transcripts.records import BareTranscript, Quoted, Role

NO_TURN = "There is no turn of the trainee to grade."
Tell = Callable[[str], None]
Trusted = Callable[[GraderStamp, RubricStamp], bool | None]


class Grader:
    """Grades conversations; the same labels always give the same grade.

    With an ``evaluator`` the labels come from its model; where that fails they come from the embedded labeler if
    ``falls_back`` (the scorecard says so in its stamp), else the conversation is not graded, with the reason. With a
    ``coach`` model the coaching is written by it as far as it passes the checks; the written coach fills in.
    ``trusted`` tells what a comparison with expert marks said of an evaluator (None where there was none): one that is
    not trusted gives no labels, the embedded labeler does.
    """

    def __init__(
        self,
        labeler: EmbeddedLabeler,
        rubric: Rubric,
        *,
        evaluator: Evaluator | None = None,
        falls_back: bool = False,
        coach: Model | None = None,
        prompts: PromptLibrary | None = None,
        trusted: Trusted | None = None,
    ) -> None:
        self.rubric = rubric
        self._labeler = labeler
        self._evaluator = evaluator
        self._falls_back = falls_back
        self._coach = coach if prompts is not None else None
        self._prompts = prompts
        self._trusted = trusted

    @property
    def name(self) -> str:
        """The name of whoever gives the labels: the evaluator's model, or ``labeler-`` and eight digits."""
        return self.stamp.model if self._evaluator is not None else self._labeler.name

    @property
    def kind(self) -> str:
        """``model`` with an evaluator, else ``local``."""
        return "model" if self._evaluator is not None else "local"

    async def grade(self, bare: BareTranscript, progress: Tell | None = None) -> Scorecard:
        """Return the scorecard of ``bare``; ``progress`` is told in a few words what is being done.

        Never raises for what a conversation or a model says; then the card says why there is no grade.
        """
        tell = progress or (lambda _: None)
        if not _has_trainee(bare):
            return not_graded(bare.id, NO_TURN, self.rubric.stamp, self.stamp)
        labels: Mapping[int, TurnLabels]
        runs: Sequence[Mapping[int, TurnLabels]] = ()
        if self._evaluator is None or not await asyncio.to_thread(self._is_trusted):
            tell("Labelling the turns")
            labels, stamp = await asyncio.to_thread(label_conversation, self._labeler, bare), self._local_stamp()
        else:
            try:
                evaluation = await self._evaluator.evaluate(bare, tell)
            except (UnusableAnswerError, VoiceError) as error:
                if not self._falls_back:
                    return not_graded(bare.id, str(error), self.rubric.stamp, self.stamp)
                tell("The evaluator failed; labelling the turns here")
                labels, stamp = await asyncio.to_thread(label_conversation, self._labeler, bare), self._local_stamp()
            else:
                labels, runs, stamp = evaluation.labels, evaluation.runs, self.stamp
                if not await asyncio.to_thread(self._is_trusted):  # an unnamed model is known by name only now
                    labels, runs = label_conversation(self._labeler, bare), ()
                    stamp = self._local_stamp()
        tell("Working out the levels")
        judgement = levels(bare.turns, labels, self.rubric)
        if len(runs) > 1:
            judgement = with_spread(judgement, spread(runs, bare, self.rubric), len(runs))
        tell("Writing the coaching")
        coaching = await asyncio.to_thread(written_coaching, bare, labels, judgement, self._labeler)
        if self._coach is not None and self._prompts is not None:
            coaching = await model_coaching(
                self._coach, self._prompts, bare, labels, judgement, self._labeler, coaching
            )
        return card(bare, labels, judgement, coaching, self.rubric, stamp)

    async def assess(self, bare: BareTranscript) -> Scorecard:
        """Return the scorecard by this grader's own labels, trusted or not, never by a stand-in and without coaching.

        For comparing the grader with people. Where the evaluator fails, the card says why there is no grade.
        """
        if not _has_trainee(bare):
            return not_graded(bare.id, NO_TURN, self.rubric.stamp, self.stamp)
        if self._evaluator is None:
            return await asyncio.to_thread(self.grade_now, bare, coached=False)
        try:
            evaluation = await self._evaluator.evaluate(bare)
        except (UnusableAnswerError, VoiceError) as error:
            return not_graded(bare.id, str(error), self.rubric.stamp, self.stamp)
        judgement = levels(bare.turns, evaluation.labels, self.rubric)
        return card(bare, evaluation.labels, judgement, Coaching(), self.rubric, self.stamp)

    def grade_now(self, bare: BareTranscript, *, coached: bool = True) -> Scorecard:
        """Return the scorecard by the embedded labeler and the written coach, without waiting for any model.

        ``coached`` False leaves the coaching empty, which is several times faster.
        """
        if not _has_trainee(bare):
            return not_graded(bare.id, NO_TURN, self.rubric.stamp, self._local_stamp())
        return self.grade_labels(bare, label_conversation(self._labeler, bare), self._local_stamp(), coached=coached)

    def grade_labels(
        self,
        bare: BareTranscript,
        labels: Mapping[int, TurnLabels],
        stamp: GraderStamp | None = None,
        *,
        coached: bool = True,
    ) -> Scorecard:
        """Return the scorecard that ``labels`` come to: for corrected labels and for regrading under another "
        "rubric."""
        if not _has_trainee(bare):
            return not_graded(bare.id, NO_TURN, self.rubric.stamp, stamp or self._local_stamp())
        judgement = levels(bare.turns, labels, self.rubric)
        coaching = written_coaching(bare, labels, judgement, self._labeler) if coached else Coaching()
        return card(bare, labels, judgement, coaching, self.rubric, stamp or self._local_stamp())

    @property
    def stamp(self) -> GraderStamp:
        """Who gives the labels where nothing goes wrong: the evaluator's model, or the embedded labeler."""
        if self._evaluator is None:
            return self._local_stamp()
        model = self._evaluator.model.info.model or "evaluator"
        return GraderStamp(kind="model", model=model, prompt_sha256=self._evaluator.prompt_sha256)

    def _is_trusted(self) -> bool:
        return self._trusted is None or self._trusted(self.stamp, self.rubric.stamp) is not False

    def _local_stamp(self) -> GraderStamp:
        return GraderStamp(kind="local", model=self._labeler.name, prompt_sha256=self._labeler.corpus_sha256)


def card(
    bare: BareTranscript,
    labels: Mapping[int, TurnLabels],
    judgement: Judgement,
    coaching: Coaching,
    rubric: Rubric,
    stamp: GraderStamp,
) -> Scorecard:
    """Return the scorecard that a judgement and its coaching make."""
    turns = tuple(
        GradedTurn(
            turn=index,
            labels=tuple(mark.label for mark in labels.get(index, TurnLabels())),
            marks=tuple(Quoted(label=mark.label, quote=mark.quote) for mark in labels.get(index, TurnLabels())),
        )
        for index, turn in enumerate(bare.turns)
        if turn.role is Role.TRAINEE
    )
    return Scorecard(
        id=bare.id,
        status="graded",
        criteria=judgement.criteria,
        acknowledged_before_solution=judgement.acknowledged_before_solution,
        first_acknowledging_turn=judgement.first_acknowledging_turn,
        first_solution_turn=judgement.first_solution_turn,
        overall=judgement.overall,
        passed=judgement.passed,
        turns=turns,
        coaching=coaching,
        rubric=rubric.stamp,
        grader=stamp,
    )


def spread(
    runs: Sequence[Mapping[int, TurnLabels]], bare: BareTranscript, rubric: Rubric
) -> dict[str, tuple[int, int]]:
    """Return the lowest and highest level each criterion got over the runs of a repeated evaluation."""
    judged = [levels(bare.turns, run, rubric).criteria for run in runs]
    return {name: (min(c[name].level for c in judged), max(c[name].level for c in judged)) for name in judged[0]}


def with_spread(judgement: Judgement, found: Mapping[str, tuple[int, int]], count: int) -> Judgement:
    """Return ``judgement`` with the spread of ``count`` runs said in the reason of each criterion."""
    criteria = {}
    for name, result in judgement.criteria.items():
        low, high = found[name]
        said = f"{low} in each of {count} readings." if low == high else f"{low} to {high} over {count} readings."
        criteria[name] = result.model_copy(update={"reason": f"{result.reason} It was {said}"})
    return replace(judgement, criteria=criteria)


def build_grader(
    settings: Settings,
    labeler: EmbeddedLabeler,
    prompts: PromptLibrary,
    trusted: Trusted | None = None,
    local_coach: Callable[[], Model | None] | None = None,
) -> Grader:
    """Return the grader that ``settings`` choose; nothing is connected or fitted yet.

    ``grader = "auto"`` takes an evaluator that is named, or the hosted endpoint in use, and falls back to the
    embedded labeler; ``"model"`` insists on the evaluator; ``"local"`` never asks a model. ``local_coach`` gives the
    local model, or None where it is not here, for those who want it to word the coaching.
    """
    rubric = load_rubric(settings.rubric, settings.rubric_dirs())
    model = _evaluator_model(settings)
    coach = {"auto": lambda: model, "written": lambda: None, "local": local_coach or (lambda: None)}[settings.coach]()
    if model is None:
        return Grader(labeler, rubric, coach=coach, prompts=prompts)
    evaluator = Evaluator(model, prompts, repeats=settings.evaluator_repeats)
    return Grader(
        labeler,
        rubric,
        evaluator=evaluator,
        falls_back=settings.grader == "auto",
        coach=coach,
        prompts=prompts,
        trusted=trusted,
    )


def _evaluator_model(settings: Settings) -> Model | None:
    if settings.grader == "local":
        return None
    own = bool(settings.evaluator_base_url or settings.evaluator_model or settings.evaluator_api_key.get_secret_value())
    # what runs on this machine may be of any size; it grades only where somebody says that it can
    hosted = settings.has_endpoint() and settings.prompting != "scene" and not is_loopback(settings.base_url)
    if settings.grader == "auto" and not (own or hosted):
        return None
    from simulator.models.openai_client import connect_evaluator  # noqa: PLC0415 - openai takes a second to import

    model = connect_evaluator(settings)
    if model is None and settings.grader == "model":
        from simulator.errors import SettingsError  # noqa: PLC0415

        raise SettingsError(
            "No endpoint is configured for the evaluator.",
            "Set SIMULATOR_EVALUATOR_BASE_URL or OPENAI_BASE_URL, or choose the grader local.",
        )
    return model


def _has_trainee(bare: BareTranscript) -> bool:
    return any(turn.role is Role.TRAINEE for turn in bare.turns)
