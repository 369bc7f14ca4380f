"""Who of the speakers is the customer and who the trainee: by what the person says, else by plain role words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.cleaning import one_line
from simulator.errors import TranscriptError
from simulator.transcripts.importing.conversation import Conversation
from simulator.transcripts.records import Role, Turn

CUSTOMER_WORDS = frozenset(
    (
        *("customer", "client", "caller", "guest", "patient", "member", "passenger", "buyer", "shopper", "tenant"),
        *("subscriber", "consumer", "visitor", "complainant"),
    )
)
TRAINEE_WORDS = frozenset(
    (
        *(
            "trainee",
            "agent",
            "employee",
            "representative",
            "rep",
            "advisor",
            "adviser",
            "clerk",
            "operator",
            "support",
        ),
        *("staff", "associate", "csr", "cashier", "receptionist", "consultant", "seller", "salesperson"),
        *("specialist",),
    )
)
SILENT_WORDS = frozenset(("system", "developer", "tool", "function", "ivr"))
"""Roles that are nobody's words in the conversation."""


def _key(name: str) -> str:
    return one_line(name).casefold()


@dataclass(frozen=True)
class Roles:
    """What was said about the speakers, by name in any case. ``None`` as a role: left out of the conversation."""

    named: dict[str, Role | None] = field(default_factory=dict)

    @classmethod
    def of(cls, customers: Iterable[str] = (), trainees: Iterable[str] = (), left_out: Iterable[str] = ()) -> Roles:
        """Return the roles of these names; raises ``TranscriptError`` where one name is given two."""
        named: dict[str, Role | None] = {}
        for names, role in ((customers, Role.CUSTOMER), (trainees, Role.TRAINEE), (left_out, None)):
            for name in names:
                if named.setdefault(_key(name), role) is not role:
                    raise TranscriptError(f"{name!r} is given two roles.", "Give each speaker one.")
        return cls(named)

    def with_role(self, name: str, role: Role | None) -> Roles:
        """Return these roles and ``name``'s."""
        return Roles(self.named | {_key(name): role})

    def names(self, name: str) -> bool:
        """True where somebody has said what ``name`` is."""
        return _key(name) in self.named

    def of_speakers(self, speakers: Iterable[str]) -> tuple[dict[str, Role | None], tuple[str, ...]]:
        """Return each speaker's role, and the speakers whose role cannot be told.

        Of two who speak, one known tells the other.
        """
        roles: dict[str, Role | None] = {}
        unknown = []
        for speaker in speakers:
            key = _key(speaker)
            if key in self.named:
                roles[speaker] = self.named[key]
            elif is_generic(speaker):
                roles[speaker] = _generic(key)
            else:
                unknown.append(speaker)
        spoken = {role for role in roles.values() if role is not None}
        if len(unknown) == 1 and len(spoken) == 1:
            other = Role.TRAINEE if Role.CUSTOMER in spoken else Role.CUSTOMER
            if list(roles.values()).count(next(iter(spoken))) == 1:
                roles[unknown.pop()] = other
        return roles, tuple(unknown)


def is_generic(speaker: str) -> bool:
    """True where ``speaker`` is a word for a role (Agent, Customer 2), not a name."""
    return _stem(_key(speaker)) in CUSTOMER_WORDS | TRAINEE_WORDS | SILENT_WORDS


def _generic(key: str) -> Role | None:
    stem = _stem(key)
    return Role.CUSTOMER if stem in CUSTOMER_WORDS else Role.TRAINEE if stem in TRAINEE_WORDS else None


def _stem(key: str) -> str:
    return key.rstrip(" 0123456789#").removeprefix("the ")


def turns_of(conversation: Conversation, roles: dict[str, Role | None]) -> tuple[Turn, ...]:
    """Return the turns of ``conversation`` under ``roles``; speakers without a role are left out."""
    turns: list[Turn] = []
    for line in conversation.lines:
        role = roles.get(line.speaker)
        if role is not None and line.text.strip():
            turns.append(Turn(index=len(turns), role=role, text=line.text.strip(), at=line.at))
    return tuple(turns)


def unknown_speakers(conversation: Conversation, unknown: tuple[str, ...]) -> TranscriptError:
    """Return the sentence for speakers whose role nobody has told."""
    named = ", ".join(one_line(name)[:40] for name in unknown[:4]) + (", …" if len(unknown) > 4 else "")
    message = f"{conversation.place or conversation.id}: is {named} the customer or the trainee?"
    first = one_line(unknown[0])[:40]
    return TranscriptError(message, f"Say it with --customer {first!r} or --trainee {first!r} (or --leave-out).")
