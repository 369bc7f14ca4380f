"""The one place that chooses implementations: settings in, a wired studio out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from simulator.errors import SettingsError, VoiceError
from simulator.prompts import PromptLibrary
from simulator.settings import Settings

if TYPE_CHECKING:
    from simulator.customer.voice import Voice
    from simulator.models.protocol import Model
    from simulator.practice.studio import Studio


def chosen_voice(settings: Settings) -> str | None:
    """Return the kind of voice the settings choose, or None where a person has to choose first."""
    if settings.voice != "auto":
        return settings.voice
    if settings.has_endpoint():
        return "openai"
    from simulator.models.catalogue import choose, installed

    return "local" if installed(choose(settings), settings) is not None else None


def build_studio(settings: Settings) -> Studio:
    """Return the studio for ``settings``. Nothing is connected, fitted or downloaded yet."""
    from simulator.grading.calibrating import Calibrations
    from simulator.grading.grader import Grader, build_grader
    from simulator.grading.labeler import EmbeddedLabeler
    from simulator.practice.studio import Studio
    from simulator.transcripts.opening import open_store

    prompts = PromptLibrary(settings.prompt_dirs())
    labeler = EmbeddedLabeler.load(settings)
    calibrations = Calibrations(settings.calibrations(), settings.gold_file())

    async def connect(kind: str, current: Settings) -> Voice:
        return await make_voice(kind, current, prompts)

    def make_grader(current: Settings) -> Grader:
        return build_grader(current, labeler, prompts, calibrations.trusted, lambda: _local_coach(current))

    return Studio(
        settings=settings,
        store=open_store(settings),
        prompts=prompts,
        labeler=labeler,
        grader=make_grader(settings),
        connect=connect,
        voice_kind=chosen_voice,
        make_grader=make_grader,
        calibrations=calibrations,
    )


def _local_coach(settings: Settings) -> Model | None:
    """Return the local model where it is here; it starts when it is first asked, and other windows share it."""
    from simulator.models.catalogue import choose, installed
    from simulator.models.local_server import open_local

    return open_local(settings) if installed(choose(settings), settings) is not None else None


async def make_voice(kind: str, settings: Settings, prompts: PromptLibrary) -> Voice:
    """Return the voice of ``kind``; raises ``SimulatorError`` where it cannot speak."""
    from simulator.customer.scenes import ear_for, load_scenes
    from simulator.customer.speaking import ModelVoice
    from simulator.customer.voice import ScriptedVoice

    if kind == "scripted":
        return ScriptedVoice()
    if kind == "local":
        from simulator.models.local_server import open_local

        model: Model = open_local(settings, adapted=True)
    elif kind == "openai":
        if not settings.has_endpoint():
            raise SettingsError(
                "No endpoint is configured.",
                "Set OPENAI_BASE_URL and, where it needs one, OPENAI_API_KEY; or use --voice local.",
            )
        from simulator.models.openai_client import connect

        model = connect(settings)
    else:
        raise VoiceError(f"There is no voice {kind!r}.", "Use openai, local or scripted.")
    scenes = await asyncio.to_thread(load_scenes, tuple(settings.prompt_dirs()))
    ear = await asyncio.to_thread(ear_for, tuple(settings.prompt_dirs())) if scenes else None
    return ModelVoice(model, prompts, scenes, ear)
