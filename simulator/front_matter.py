"""Files of YAML front matter between two ``---`` lines and a body: persona and prompt files.

YAML is read in a narrow, predictable way: ``no`` and ``12:30`` are text, a key stands once, nothing but
plain data can be made, size and aliases are bounded, and every field knows its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import ReaderError

from simulator.errors import SimulatorError

MAX_BYTES = 256 * 1024
"""Largest file that is read."""
MAX_NODES = 20_000
"""Most values a file may hold once its aliases are written out."""
MAX_DEPTH = 20
"""How deep values may stand within each other."""
MARK = "---"

Path_ = tuple[str | int, ...]


class FrontMatterError(SimulatorError):
    """A file cannot be read; ``line`` is the 1-based line in it, 1 where it is the whole file."""

    def __init__(self, message: str, hint: str = "", *, line: int = 1) -> None:
        super().__init__(message, hint)
        self.line = line


@dataclass(frozen=True)
class FrontMatter:
    """A file taken apart.

    ``data`` is the front matter as plain data, ``lines`` the 1-based line of every field by its path
    (``("facts", 2, "say")``), ``body`` the text below and ``body_line`` the line it begins on.
    """

    path: Path
    raw: bytes
    data: dict[str, Any]
    lines: dict[Path_, int]
    body: str
    body_line: int

    def line(self, field: Path_) -> int:
        """Return the line of ``field``, or of the nearest thing around it that stands in the file."""
        for end in range(len(field), -1, -1):
            if field[:end] in self.lines:
                return self.lines[field[:end]]
        return 1


class _Loader(yaml.SafeLoader):
    """Plain data only; of bare words, only true, false, null and numbers are not text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's name


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?[0-9]{1,17}\.[0-9]{1,17}$"), list("-0123456789")
)


def read(path: Path) -> FrontMatter:
    """Return the parts of the file at ``path``; raises ``FrontMatterError`` with the line that is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FrontMatterError(f"The file cannot be read: {error.strerror or error}.") from None
    return parse(raw, path)


def parse(raw: bytes, path: Path) -> FrontMatter:
    """Return the parts of a file's bytes; ``path`` is only what they are called."""
    if len(raw) > MAX_BYTES:
        raise FrontMatterError(f"The file is larger than {MAX_BYTES // 1024} kB.", "Make it shorter.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise FrontMatterError("The file is not UTF-8 text.", "Save it as UTF-8.", line=line) from None
    rows = text.replace("\r\n", "\n").split("\n")
    if rows[0].rstrip() != MARK:
        raise FrontMatterError("The file does not begin with a line of '---'.", "Put its front matter first.")
    end = next((at for at, row in enumerate(rows[1:], 1) if row.rstrip() == MARK), None)
    if end is None:
        raise FrontMatterError("The front matter has no closing line of '---'.", "Put one below it.")
    data, lines = _load("\n".join(rows[1:end]) + "\n", offset=2)
    return FrontMatter(path, raw, data, lines, "\n".join(rows[end + 1 :]), end + 2)


def _load(text: str, offset: int) -> tuple[dict[str, Any], dict[Path_, int]]:
    try:
        loader = _Loader(text)
    except ReaderError as error:
        line = offset + text[: error.position].count("\n")
        message = f"This holds the control character U+{error.character:04X}."
        raise FrontMatterError(message, "Take it out.", line=line) from None
    try:
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise FrontMatterError("The front matter is not a list of 'name: value' lines.", line=offset)
        lines = _survey(node, offset)
        data: dict[str, Any] = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = (error.problem or "it is not valid YAML").strip().rstrip(".")
        hint = "Put quotes around text with ':', '#' or '{{' in it, and keep the indentation even."
        line = offset + mark.line if mark else offset
        raise FrontMatterError(f"This is not valid YAML: {said}.", hint, line=line) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise FrontMatterError("This is not valid YAML: its values are nested too deeply.", line=offset) from None
    finally:
        loader.dispose()
    return data, lines


def _survey(root: yaml.Node, offset: int) -> dict[Path_, int]:
    """Return the line of every value, aliases written out.

    Refuses doubled keys and too many or too deep values.
    """
    lines: dict[Path_, int] = {}
    waiting: list[tuple[yaml.Node, Path_, int]] = [(root, (), offset)]
    while waiting:
        node, path, line = waiting.pop()
        if len(lines) >= MAX_NODES or len(path) > MAX_DEPTH:
            raise FrontMatterError("The front matter holds too many values.", "Write it without aliases.", line=line)
        lines[path] = line
        if isinstance(node, yaml.SequenceNode):
            items = (((*path, at), item, item.start_mark.line + offset) for at, item in enumerate(node.value))
            waiting.extend((item, place, at) for place, item, at in items)
        elif isinstance(node, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in node.value:
                at = key.start_mark.line + offset
                if not isinstance(key, yaml.ScalarNode):
                    hint = "Text that begins with '{{' must stand in quotes."
                    raise FrontMatterError("A name here is not plain text.", hint, line=at)
                if key.value in seen:
                    message = f"'{key.value}' stands here a second time; the first is in line {seen[key.value]}."
                    raise FrontMatterError(message, "Keep one of them.", line=at)
                seen[key.value] = at
                key.tag = "tag:yaml.org,2002:str"
                waiting.append((value, (*path, key.value), at))
    return lines
