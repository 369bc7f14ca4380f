"""The turn loop: what is saved before it is shown, how a session ends, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path

import pytest

from simulator.customer.voice import Moment, Part, ScriptedVoice, Spoken, Voice
from simulator.errors import SimulatorError, TranscriptError, VoiceError
from simulator.labels import Label, Mark, TurnLabels
from simulator.personas.schema import Persona
from simulator.practice.events import CustomerPiece, CustomerSpoke, Ended, Event, TraineeSpoke, VoiceFailed
from simulator.practice.session import LONGEST_TURN, Cast, Session
from simulator.prompts import PromptLibrary
from simulator.settings import built_in
from simulator.transcripts.records import Ending, Guarded, Header, Record, Role, Stage
from simulator.transcripts.store import Store
from tests.customer.people import persona

PROMPTS = PromptLibrary([built_in("prompts")])


class Script:
    """A labeler for tests of the loop: the words of a turn before a colon name its labels."""

    def label(self, said: str, before: str, earlier: Sequence[str] = ()) -> TurnLabels:
        names = said.split(":", 1)[0].split() if ":" in said else []
        return TurnLabels.of(Mark(Label(name), said) for name in names)


class Breaking(ScriptedVoice):
    """A voice that fails after ``parts``."""

    def __init__(self, *parts: str) -> None:
        self.parts = parts

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        for part in self.parts:
            yield Part(part)
        raise VoiceError("The endpoint went away.", "Check the connection.")


class Endless(ScriptedVoice):
    """A voice that shows a part and then never goes on."""

    async def speak(self, moment: Moment) -> AsyncGenerator[Part | Spoken, None]:
        yield Part("And another thing")
        raise KeyboardInterrupt


class Watched:
    """A writer that keeps what was appended."""

    def __init__(self, fail_on: type[Record] | None = None) -> None:
        self.records: list[Record] = []
        self.fail_on = fail_on

    def append(self, record: Record) -> None:
        if self.fail_on and isinstance(record, self.fail_on):
            raise TranscriptError("The disk is full.", "Free some space.")
        self.records.append(record)


def header(who: Persona) -> Header:
    return Header(
        id="s1",
        started_at="2026-01-01T00:00:00Z",
        persona=who.id,
        persona_sha256=who.sha256,
        seed=who.seed,
        voice="scripted",
    )


def session(
    voice: Voice | None = None, writer: object | None = None, who: Persona | None = None
) -> tuple[Session, Watched]:
    who = who or persona()
    watched = writer or Watched()
    cast = Cast(who, voice or ScriptedVoice(), Script(), PROMPTS, now=lambda: "2026-01-01T00:00:00Z")
    return Session(cast, header(who), watched), watched  # type: ignore[arg-type,return-value]


async def events(stream: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in stream]


async def test_the_customer_opens_where_the_persona_says_so() -> None:
    opens, _ = session()
    waits, _ = session(who=persona(opens="trainee"))
    assert [type(e) for e in await events(opens.open())] == [CustomerPiece, CustomerSpoke]
    assert await events(waits.open()) == []


async def test_every_line_is_saved_before_it_is_shown() -> None:
    live, watched = session()
    seen = 0
    for stream in (live.open(), live.say("asks_process: Your name?"), live.leave()):
        async for event in stream:
            if isinstance(event, TraineeSpoke | CustomerSpoke):
                assert event.turn in watched.records
            elif isinstance(event, CustomerPiece):
                assert any(getattr(r, "text", None) == event.text for r in watched.records)
            seen += 1
    assert seen >= 6


async def test_the_parts_shown_are_the_turn() -> None:
    live, _ = session()
    await events(live.open())
    told = await events(live.say("restates: It flooded."))
    parts = "".join(e.text for e in told if isinstance(e, CustomerPiece))
    (spoken,) = [e.turn.text for e in told if isinstance(e, CustomerSpoke)]
    assert parts == spoken


@pytest.mark.parametrize(("text", "word"), [("", "nothing"), ("  \n ", "nothing"), ("x" * (LONGEST_TURN + 1), "8,001")])
async def test_a_turn_that_cannot_be_taken_is_refused_and_nothing_has_happened(text: str, word: str) -> None:
    live, watched = session()
    await events(live.open())
    before = list(watched.records)
    with pytest.raises(SimulatorError, match=word):
        await events(live.say(text))
    assert watched.records == before
    assert not live.owed


async def test_a_full_disk_refuses_the_turn_and_nothing_has_happened() -> None:
    live, _ = session()
    await events(live.open())
    live._writer.fail_on = type(live.turns[0])  # type: ignore[attr-defined]
    with pytest.raises(TranscriptError):
        await events(live.say("Hello"))
    assert [turn.role for turn in live.turns] == [Role.CUSTOMER]


async def test_control_sequences_never_get_into_a_turn() -> None:
    live, _ = session()
    await events(live.say("Hi\x1b[31m there\x07"))
    assert live.turns[0].text == "Hi there"


async def test_two_insults_and_the_customer_walks_out_and_speaks_no_more() -> None:
    live, watched = session()
    await events(live.open())
    told: list[Event] = []
    for _ in range(4):
        if live.ending is None:
            told += await events(live.say("hostile: Shut up."))
    assert live.ending is Ending.WALKED_OUT
    assert told[-1] == Ended(Ending.WALKED_OUT)
    assert live.turns[-1].text in {line.say for line in live.cast.persona.lines[Stage.WALKED_OUT]}
    length = len(watched.records)
    with pytest.raises(SimulatorError, match="over"):
        await events(live.say("Sorry!"))
    assert len(watched.records) == length


async def test_a_good_session_settles() -> None:
    live, _ = session()
    await events(live.open())
    for text in [
        "acknowledges_specific names_feeling: …",
        "restates asks_open: …",
        "acknowledges_specific: …",
        "acknowledges_specific invites_more: …",
        "offers_solution: an engineer",
        "offers_solution confirms_next_step: an engineer at five",
        "offers_solution confirms_next_step: an engineer at five",
    ]:
        if live.ending is None:
            await events(live.say(text))
    assert live.ending is Ending.SETTLED


async def test_the_turn_limit_ends_it() -> None:
    live, _ = session(who=persona(turn_limit=4))
    for number in range(4):
        assert live.ending is None
        await events(live.say(f"asks_open: {number}?"))
    assert live.ending is Ending.TURN_LIMIT


async def test_leaving_ends_it_once() -> None:
    live, watched = session()
    await events(live.leave())
    await events(live.leave())
    assert live.ending is Ending.TRAINEE_LEFT
    assert len(watched.records) == 1


@pytest.mark.parametrize("parts", [(), ("It leaks.",)])
async def test_when_the_voice_fails_a_written_line_stands_in_and_it_goes_on(parts: tuple[str, ...]) -> None:
    live, _ = session(Breaking(*parts))
    told = await events(live.say("Hello"))
    (failed,) = [e for e in told if isinstance(e, VoiceFailed)]
    assert failed.message == "The endpoint went away."
    assert isinstance(told[-1], CustomerSpoke)
    turn = live.turns[-1]
    assert turn.text.startswith("".join(parts))
    assert turn.guard == Guarded(refused=(("voice", "The endpoint went away."),), written=True)
    assert not live.owed


async def test_what_was_shown_before_a_crash_is_resumed_with_its_mood(tmp_path: Path) -> None:
    store = Store(tmp_path)
    who = persona()
    with store.create(header(who)) as file:
        live, _ = session(Endless(), file, who)
        await events(live.open())
        with pytest.raises(KeyboardInterrupt):
            await events(live.say("hostile: Shut up."))
        calm = live.turns[0].mood
    transcript, file = store.resume("s1")
    with file:
        cast = Cast(who, ScriptedVoice(), Script(), PROMPTS)
        again = Session(cast, transcript.header, file, transcript.turns)
        assert again.turns[-1].text == "And another thing"
        assert again.turns[-1].cut
        assert calm is not None
        assert again.mood.tension > calm.tension
        await events(again.say("hostile: Shut up."))
        assert again.turns[-1].index == 4


async def test_an_answer_that_is_owed_is_given_after_a_resume(tmp_path: Path) -> None:
    store = Store(tmp_path)
    who = persona()
    with store.create(header(who)) as file:
        live, _ = session(Breaking(), file, who)
        stream = live.say("restates: It flooded.")
        async for event in stream:
            if isinstance(event, TraineeSpoke):
                break
        await stream.aclose()
    transcript, file = store.resume("s1")
    with file:
        again = Session(Cast(who, ScriptedVoice(), Script(), PROMPTS), transcript.header, file, transcript.turns)
        assert again.owed
        told = await events(again.answer())
    assert isinstance(told[-1], CustomerSpoke)
    assert [turn.role for turn in store.read("s1").turns] == [Role.TRAINEE, Role.CUSTOMER]
