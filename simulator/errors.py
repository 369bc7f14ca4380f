"""One error root: a sentence for the person and a hint at what to do next."""

from __future__ import annotations


class SimulatorError(Exception):
    """Something a person can act on: ``message`` is one sentence, ``hint`` says what to do.

    ``exit_code`` is what a command ends with: 2, as for any bad input.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(SimulatorError):
    """A setting is missing or cannot be used."""


class PersonaError(SimulatorError):
    """A persona cannot be found, read or rendered."""


class PromptError(SimulatorError):
    """A prompt file cannot be found, read or rendered."""


class VoiceError(SimulatorError):
    """A model cannot be reached or its answer cannot be used.

    ``retryable`` says whether the same request may succeed later without anybody doing anything.
    """

    def __init__(self, message: str, hint: str = "", *, retryable: bool = False) -> None:
        super().__init__(message, hint)
        self.retryable = retryable


class ModelFileError(SimulatorError):
    """A model file cannot be fetched or is not the one the catalogue names."""


class TranscriptError(SimulatorError):
    """A transcript cannot be read, written or graded."""


class RubricError(SimulatorError):
    """A rubric file cannot be read."""


class RecordStoreError(SimulatorError):
    """A learning record store or an LMS cannot be reached, or refuses what it is sent."""
