"""One frozen settings object: flag > environment > file > default, and where things live on disk.

Environment names are the field names in capitals with the prefix ``SIMULATOR_``; the names the openai SDK uses
(``OPENAI_API_KEY``, ``OPENAI_BASE_URL``, ``OPENAI_MODEL``) are read too. The file is ``config.toml`` in the
user's configuration folder. ``SIMULATOR_HOME`` moves every folder at once.
"""

from __future__ import annotations

import contextlib
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

import platformdirs
from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from simulator.errors import SettingsError

_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$", re.IGNORECASE)

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")

APP = "difficult-customer-simulator"
ACTIVITY_BASE = "urn:x-difficult-customer-simulator:"
VoiceChoice = Literal["auto", "openai", "local", "scripted"]
GraderChoice = Literal["auto", "local", "model"]
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def _iri(text: str) -> str:
    if text and not _IRI.fullmatch(text):
        raise PydanticCustomError("iri", "it is no address such as https://example.org")
    return text


def _beginning(text: str) -> str:
    if not text.endswith(("/", ":", "#")):
        raise PydanticCustomError("iri", "it is no beginning of addresses such as https://example.org/training/")
    return _iri(text)


Iri = Annotated[str, AfterValidator(_iri)]
"""An internationalised address (RFC 3987), or nothing."""
Beginning = Annotated[str, AfterValidator(_beginning)]
"""The part that many such addresses begin with."""

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def _home() -> Path | None:
    home = os.environ.get("SIMULATOR_HOME")
    return Path(home).expanduser().absolute() if home else None


def config_file() -> Path:
    """Where the settings file is, whether it exists or not."""
    home = _home()
    return (home or platformdirs.user_config_path(APP, appauthor=False)) / "config.toml"


def _default_folder() -> Path:
    return _home() or platformdirs.user_data_path(APP, appauthor=False)


def _default_cache() -> Path:
    home = _home()
    return home / "cache" if home else platformdirs.user_cache_path(APP, appauthor=False)


def in_checkout() -> bool:
    """True where the package runs from its own repository, not from an installed wheel."""
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "personas").is_dir()


def _default_transcripts() -> Path:
    if _home() is None and in_checkout():
        return _CHECKOUT / "transcripts"
    return _default_folder() / "transcripts"


def _place(value: object) -> object:
    """Return a folder as a path, also one written ``file:///…``; an address elsewhere stays text."""
    if not isinstance(value, str):
        return value
    if value.lower().startswith("file://"):
        return Path(url2pathname(urlsplit(value).path))
    return value if _ADDRESS.match(value) else Path(value).expanduser()


class Settings(BaseSettings):
    """Every choice a person can make that outlives one command. Frozen; make a changed copy with ``model_copy``."""

    model_config = SettingsConfigDict(
        env_prefix="SIMULATOR_", extra="forbid", frozen=True, populate_by_name=True, env_ignore_empty=True
    )

    voice: VoiceChoice = "auto"
    """Who writes the customer's words. ``auto``: a configured endpoint, else the local model if here, else ask."""
    grader: GraderChoice = "auto"
    """Who labels the turns for the scorecard. ``auto``: the evaluator model if one is named, else the labeler."""
    api_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("SIMULATOR_API_KEY", "OPENAI_API_KEY", "api_key")
    )
    """Key of the endpoint. Empty for keyless endpoints."""
    base_url: str = Field(
        default="", validation_alias=AliasChoices("SIMULATOR_BASE_URL", "OPENAI_BASE_URL", "base_url")
    )
    """Address of an OpenAI-compatible endpoint, up to and including ``/v1``. Empty: the SDK's own default."""
    model: str = Field(default="", validation_alias=AliasChoices("SIMULATOR_MODEL", "OPENAI_MODEL", "model"))
    """Model name at the endpoint. Empty: the first one it lists."""
    prompting: Literal["auto", "scene", "chat"] = "auto"
    """How the endpoint is prompted: continuing a scene (small models) or chat (capable ones). ``auto``: chat."""
    evaluator_base_url: str = ""
    """Endpoint of the evaluator where it differs from the customer's."""
    evaluator_api_key: SecretStr = SecretStr("")
    """Key of the evaluator's endpoint."""
    evaluator_model: str = ""
    """Model of the evaluator. Empty: the customer's endpoint and model."""
    evaluator_repeats: int = Field(default=1, ge=1, le=9)
    """How often the evaluator reads a conversation: labels are put to a vote, and the spread of levels is shown."""
    coach: Literal["auto", "written", "local"] = "auto"
    """Who words the coaching. ``auto``: the evaluator's model if there is one, else the written coach. ``local``: the
    local model offers rewrites. Whatever a model writes is checked, and the written coach fills in."""
    local_model: str = ""
    """Id in the catalogue of the local model in use. Empty: the catalogue's default."""
    local_adapter: bool = True
    """Whether the local model plays customers with the adapter that came with the program, where there is one."""
    threads: int = Field(default=0, ge=0)
    """Threads of the local server. 0: one for each core."""
    request_timeout: float = Field(default=60.0, gt=0)
    """Seconds a request to a model may take before it counts as failed."""
    folder: Path = Field(default_factory=_default_folder)
    """The trainer's own folder: its ``personas/``, ``prompts/`` and ``rubrics/`` come before the built-in ones."""
    transcripts: Annotated[Path | str, BeforeValidator(_place)] = Field(default_factory=_default_transcripts)
    """Where sessions are saved: a folder, or the address of one elsewhere, such as ``s3://bucket/practice``."""
    cache: Path = Field(default_factory=_default_cache)
    """Where models and fitted labelers are kept; safe to delete."""
    trainee: str = ""
    """Name of who practises, written into each session. Empty: nobody's."""
    pseudonyms: bool = False
    """Whether trainees are written down under a pseudonym, the same for the same name and the same key file."""
    keep_days: int = Field(default=0, ge=0)
    """Days after which ``transcripts prune`` offers a session for deletion. 0: sessions are kept."""
    rubric: str = "default"
    """Name of the rubric that grades."""
    gold: str = ""
    """Path of your own gold file: ``calibrate`` takes it, and its figure is shown. Empty: the bundled gold set."""
    learn: bool = False
    """Whether a corrected turn joins your own corpus, on which the labeler is fitted again."""
    mood_gauge: bool = True
    """Whether the conversation shows the customer's mood."""
    actor: str = ""
    """Who training records speak of: an account name, or ``mailto:`` and an address. Empty: a pseudonym is drawn."""
    actor_home_page: Iri = ""
    """IRI of the system that the account name belongs to, for example your LMS. Empty: the program's own."""
    activity_base: Beginning = ACTIVITY_BASE
    """What the ids of sessions, personas and criteria in training records begin with: an IRI ending in ``/``, ``:``
    or ``#``, best an address of yours."""
    lrs_user: str = ""
    """User of the learning record store."""
    lrs_password: SecretStr = SecretStr("")
    """Password of the learning record store."""
    lrs_unencrypted: bool = False
    """Whether the password may go to a store beyond this machine over plain http."""
    visitor: str = ""
    """Who practises in a browser on somebody else's machine. Empty: the owner of these settings."""
    theme: str = ""
    """Name of the screen theme. Empty: the program's own dark one."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flag, then environment, then the settings file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file())

    def has_endpoint(self) -> bool:
        """True where an endpoint is configured well enough to be used without asking."""
        return bool(self.base_url or self.api_key.get_secret_value())

    def gold_file(self) -> Path:
        """The gold set a grader is compared with: the trainer's own, else the one that came with the program."""
        return Path(self.gold).expanduser() if self.gold else _PACKAGE / "grading" / "gold" / "gold.jsonl"

    def calibrations(self) -> Path:
        """Where the figures of graders are kept."""
        return self.cache / "calibrations"

    def persona_dirs(self) -> list[Path]:
        """Folders that hold personas, the trainer's own first."""
        return list(self._dirs("personas"))

    def prompt_dirs(self) -> list[Path]:
        """Folders that hold prompts, the trainer's own first."""
        return list(self._dirs("prompts"))

    def rubric_dirs(self) -> list[Path]:
        """Folders that hold rubric files, the trainer's own first."""
        return list(self._dirs("rubrics"))

    def _dirs(self, name: str) -> Iterator[Path]:
        own = self.folder / name
        if own.is_dir():
            yield own
        yield built_in(name)


def built_in(name: str) -> Path:
    """Return the folder ``name`` (personas, prompts, rubrics) that came with the program."""
    if name == "rubrics":
        return _PACKAGE / "grading" / "rubrics"
    return _CHECKOUT / name if in_checkout() else _PACKAGE / "_data" / name


def load(**flags: Any) -> Settings:
    """Return the settings with ``flags`` that are not None on top; raises ``SettingsError`` naming the setting."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        raise SettingsError(
            f"The setting {name} cannot be used: {first['msg'].rstrip('.')}.",
            f"Mend it in the environment or in {config_file()}.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file is not valid TOML: {error}.", f"Mend {config_file()}.") from None


def secret_values() -> tuple[str, ...]:
    """Return every key, token and password that is set on this machine and could have got into a transcript."""
    found = {value for name, value in os.environ.items() if _SECRET_NAME.search(name)}
    with contextlib.suppress(SettingsError):
        settings = load()
        values = (getattr(settings, name) for name in Settings.model_fields)
        found |= {value.get_secret_value() for value in values if isinstance(value, SecretStr)}
    return tuple(sorted(value for value in found if value.strip()))


def save(**changes: str | bool | float) -> Path:
    """Write ``changes`` into the settings file, keep the rest, and return its path. The file is private to the user."""
    path = config_file()
    kept: dict[str, Any] = {}
    if path.is_file():
        try:
            kept = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"The settings file is not valid TOML: {error}.", f"Mend {path}.") from None
    kept.update(changes)
    text = "".join(f"{name} = {_toml(value)}\n" for name, value in sorted(kept.items()))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_suffix(".new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    scratch.replace(path)
    return path


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else {"\\": "\\\\", '"': '\\"'}.get(char, char)
        for char in str(value)
    )
    return f'"{text}"'
