"""Text files with holes, rendered safely.

Persona and prompt files are written by trainers and may come from strangers. A template can put values into
text, choose and repeat; it cannot reach Python, files outside its folders, or the clock, and whatever it
tries ends quickly (``Limits``). Values are data: they are put in as they are and never rendered again.
White space is as in Jinja by default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import meta, nodes

from simulator.errors import SimulatorError
from simulator.sandbox import Bases, BoundedEnvironment, Budget, Limits, Refused, bounded_concat, spending

__all__ = ["Limits", "Sandbox", "Template", "TemplateError"]


class TemplateError(SimulatorError):
    """A template cannot be read or rendered.

    ``file`` is the base it happened in (None: the template itself) and ``line`` the 1-based line there,
    None where it cannot be told; ``variable`` is the missing name, if that is it.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        line: int | None = None,
        file: Path | None = None,
        variable: str | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.line = line
        self.file = file
        self.variable = variable


@dataclass(frozen=True)
class Template:
    """One compiled template.

    ``uses`` maps every variable it or its bases need to the line of its first use in the template itself
    (None: only a base uses it); ``bases`` are the files it extends or includes, nearest first.
    """

    uses: dict[str, int | None]
    bases: tuple[Path, ...]
    _code: jinja2.Template
    _limits: Limits

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text with ``values`` put in; raises ``TemplateError``, also where a limit is met."""
        budget = Budget(self._limits)
        token = spending.set(budget)
        try:
            with _explained(self._code.filename or ""):
                return bounded_concat(self._code.generate(dict(values)))
        finally:
            spending.reset(token)


class Sandbox:
    """Compiles templates; ``dirs`` are where the files they extend or include may be, first folder first."""

    def __init__(self, dirs: Sequence[Path] = (), limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._loader = Bases(dirs, self._limits)
        self._environment = BoundedEnvironment(self._loader, self._limits)
        self._known: dict[str, Template] = {}

    def template(self, source: str) -> Template:
        """Return ``source`` compiled (once); raises ``TemplateError`` with its line where it is not sound."""
        if source not in self._known:
            filename = "<this template>"
            with _explained(filename):
                uses, bases = self._survey(source)
                code = self._environment.compile(source, filename=filename)
                compiled = jinja2.Template.from_code(
                    self._environment, code, self._environment.make_globals(None), lambda: True
                )
                self._known[source] = Template(uses, bases, compiled, self._limits)
        return self._known[source]

    def _survey(self, source: str) -> tuple[dict[str, int | None], tuple[Path, ...]]:
        tree = self._environment.parse(source)
        lines: dict[str, int | None] = {}
        for name in tree.find_all(nodes.Name):
            if name.ctx == "load":
                lines[name.name] = min(lines.get(name.name) or name.lineno, name.lineno)
        uses = {name: lines.get(name) for name in sorted(meta.find_undeclared_variables(tree))}
        made = {name.name for assign in tree.find_all(nodes.Assign) for name in assign.find_all(nodes.Name)}
        bases: list[Path] = []
        waiting = [(base, 1) for base in meta.find_referenced_templates(tree) if base]
        while waiting:
            title, depth = waiting.pop(0)
            path = self._loader.path(title)
            if depth > 8:
                raise jinja2.TemplateSyntaxError(f"{title} extends or includes itself.", 1, title, str(path))
            if path in bases:
                continue
            bases.append(path)
            base = self._environment.parse(path.read_text(encoding="utf-8"), title, str(path))
            for variable in sorted(meta.find_undeclared_variables(base) - made):
                uses.setdefault(variable, None)
            waiting.extend((inner, depth + 1) for inner in meta.find_referenced_templates(base) if inner)
        return uses, tuple(bases)


_RENDERING = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)


@contextmanager
def _explained(filename: str) -> Iterator[None]:
    """Turn whatever Jinja or Python raises within into a ``TemplateError``."""
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        file = Path(str(error.filename)) if (error.filename or "").endswith(".jinja") else None
        message = (error.message or "It cannot be read.").rstrip(".")
        raise TemplateError(f"{message[0].upper()}{message[1:]}.", line=error.lineno, file=file) from None
    except jinja2.TemplateNotFound as error:
        raise TemplateError(
            f"There is no base {error.name!r} in its folders.",
            "A base is a file whose name begins with '_', in the same folder or among the built-in ones.",
        ) from None
    except (RecursionError, MemoryError, SyntaxError):
        raise TemplateError("It is nested too deeply, or extends itself.", "Make it simpler.") from None
    except jinja2.UndefinedError as error:
        message = error.message or "uses a value that is missing"
        quoted = message.split("'")[1] if message.startswith("uses '") else None
        file, line = _place(error.__traceback__, filename)
        raise TemplateError(f"It {message}.", line=line, file=file, variable=quoted) from None
    except _RENDERING as error:
        file, line = _place(error.__traceback__, filename)
        said = str(error).rstrip(".") or type(error).__name__
        own = isinstance(error, Refused)
        hint = error.hint if isinstance(error, Refused) else ""
        message = f"It {said}." if own else f"It cannot be rendered: {said}."
        raise TemplateError(message, hint, line=line, file=file) from None


def _place(trace: TracebackType | None, filename: str) -> tuple[Path | None, int | None]:
    """Return where in a template ``trace`` passed last.

    The base's file (None: the template itself), the line.
    """
    file: Path | None = None
    line: int | None = None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == filename:
            file, line = None, trace.tb_lineno
        elif name.endswith(".jinja"):
            file, line = Path(name), trace.tb_lineno
        trace = trace.tb_next
    return file, line
