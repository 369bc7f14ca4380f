"""A Jinja environment in which every cost is bounded; ``simulator.templates`` is the way to use it.

Steps (loop rounds, calls, filters, sums), lists, texts and wall-clock time have limits.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import FILTERS as DEFAULT_FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment

from simulator.grammar import Metering, check


@dataclass(frozen=True)
class Limits:
    """What one template may cost; each rendering starts afresh."""

    source: int = 100_000
    """Characters of the template itself and of each base."""
    nodes: int = 6_000
    """Parts the template is made of (texts, names, operations, blocks)."""
    depth: int = 60
    """How deep parts may stand within each other."""
    steps: int = 20_000
    """Loop rounds, calls, filters and operations."""
    items: int = 1_000
    """Length of a range, and of lists made by the template."""
    output: int = 50_000
    """Characters of the rendered text, and of any text made on the way."""
    seconds: float = 2.0
    """Wall-clock time."""


@dataclass
class Budget:
    """What one rendering may still spend."""

    limits: Limits
    steps: int = 0
    started: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        """Count one step; raises ``Refused`` where there were too many or they took too long."""
        self.steps += 1
        if self.steps > self.limits.steps:
            raise Refused(f"takes more than {self.limits.steps:,} steps", "Loop over less.")
        if time.monotonic() - self.started > self.limits.seconds:
            raise Refused(f"takes longer than {self.limits.seconds:g} seconds", "Make it simpler.")

    def text(self, value: str) -> str:
        """Return ``value``; raises ``Refused`` where it is too long."""
        if len(value) > self.limits.output:
            raise Refused(f"makes a text longer than {self.limits.output:,} characters", "Make it shorter.")
        return value


class Refused(jinja2.exceptions.TemplateRuntimeError):
    """A template asked for more than it may have; the message goes on from 'It …'."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


spending: ContextVar[Budget | None] = ContextVar("simulator_template_budget", default=None)
"""The budget of the rendering under way."""


def _budget() -> Budget:
    return spending.get() or Budget(Limits())


class _Missing(jinja2.StrictUndefined):
    """Says in plain words what is missing."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        if self._undefined_obj is jinja2.utils.missing:
            return f"uses {self._undefined_name!r}, which has no value here"
        known = ", ".join(map(str, self._undefined_obj)) if isinstance(self._undefined_obj, Mapping) else ""
        return f"finds no {self._undefined_name!r}" + (f" among {known}" if known else "")


# -- values --


def _text(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, jinja2.Undefined):
        return str(value)
    kind = {type(None): "nothing (none)", bool: "true or false"}.get(type(value), f"a {type(value).__name__}")
    raise Refused(f"puts {kind} where text is due", "Put in text or a number; pick or join the parts.")


@pass_context
def _finalize(context: Context, value: object) -> str:  # noqa: ARG001 - keeps Jinja from working it out at load
    return _budget().text(_text(value))


def bounded_concat(parts: Iterable[str]) -> str:
    """Return the parts joined; stops at the output limit without asking for more of them."""
    budget, kept, length = _budget(), list[str](), 0
    for part in parts:
        length += len(part)
        if length > budget.limits.output:
            raise Refused(f"makes a text longer than {budget.limits.output:,} characters", "Make it shorter.")
        kept.append(part)
    return "".join(kept)


def _bounded_range(*bounds: int) -> range:
    numbers = range(*bounds)
    limit = _budget().limits.items
    if len(numbers) > limit:
        raise Refused(f"asks for a range of more than {limit:,} numbers", "Loop over less.")
    return numbers


@pass_context
def _counted(context: Context, values: Iterable[Any]) -> Iterator[Any]:  # noqa: ARG001
    budget = _budget()
    for value in values:
        budget.step()
        yield value


@pass_context
def _single(context: Context, value: Any) -> Any:  # noqa: ARG001
    if isinstance(value, str | int | float | Enum | None | jinja2.Undefined):
        return value
    raise Refused("puts a list within a list", "A list written in a template may hold text and numbers only.")


# -- filters --


def _join(values: Iterable[Any], separator: str = "", attribute: str | None = None) -> str:
    def parts() -> Iterator[str]:
        for at, value in enumerate(values):
            _budget().step()
            if at and separator:
                yield _text(separator)
            yield _text(value if attribute is None else value[attribute])

    return bounded_concat(parts())


def _replace(value: object, old: object, new: object) -> str:
    text, out, put = _text(value), _text(old), _text(new)
    grown = len(text) + text.count(out) * max(0, len(put) - len(out))
    if grown > _budget().limits.output:
        raise Refused("makes a text that is too long", "Make it shorter.")
    return text.replace(out, put)


def _list(values: Iterable[Any]) -> list[Any]:
    kept = []
    for value in values:
        _budget().step()
        kept.append(value)
    return kept


def _indent(value: object, width: int = 4, first: bool = False) -> str:
    if not 0 <= width <= 40:
        raise Refused("indents by more than 40 spaces", "Indent by less.")
    lines = _text(value).split("\n")
    margin = " " * width
    return bounded_concat(
        ("\n" if at else "") + (margin + line if line and (at or first) else line) for at, line in enumerate(lines)
    )


def _tojson(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _on_text(change: Callable[[str], str]) -> Callable[[object], str]:
    return lambda value: change(_text(value))


_PLAIN: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "capitalize": _on_text(str.capitalize),
    "count": len,
    "d": DEFAULT_FILTERS["default"],
    "default": DEFAULT_FILTERS["default"],
    "float": DEFAULT_FILTERS["float"],
    "indent": _indent,
    "int": DEFAULT_FILTERS["int"],
    "items": lambda value: value.items(),
    "join": _join,
    "length": len,
    "list": _list,
    "lower": _on_text(str.lower),
    "replace": _replace,
    "reverse": lambda value: list(reversed(list(value))),
    "round": DEFAULT_FILTERS["round"],
    "string": _text,
    "title": DEFAULT_FILTERS["title"],
    "tojson": _tojson,
    "trim": _on_text(str.strip),
    "upper": _on_text(str.upper),
    "wordcount": lambda value: len(_text(value).split()),
}
_WITH_ENVIRONMENT = ("first", "last", "max", "min", "sort", "unique")
_WITH_CONTEXT = ("map", "reject", "rejectattr", "select", "selectattr")


def _metered(name: str) -> Callable[..., Any]:
    """Return the filter ``name`` as one that counts as a step and is never worked out at load."""

    @pass_context
    def call(context: Context, value: Any, *args: Any, **kwargs: Any) -> Any:
        _budget().step()
        if name in _PLAIN:
            result = _PLAIN[name](value, *args, **kwargs)
        else:
            first = context.environment if name in _WITH_ENVIRONMENT else context
            result = DEFAULT_FILTERS[name](first, value, *args, **kwargs)
        return _budget().text(result) if isinstance(result, str) else result

    return call


_OF_TEXT = """capitalize casefold count endswith find isdigit lower lstrip removeprefix removesuffix rstrip
split splitlines startswith strip title upper"""
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(_OF_TEXT.split()),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    LoopContext: frozenset({"cycle", "changed"}),
}
"""Methods a template may call: those that only read, and give no more than they were given."""


class _Generator(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class BoundedEnvironment(SandboxedEnvironment):
    """Jinja with a budget."""

    code_generator_class = _Generator
    concat = staticmethod(bounded_concat)
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, loader: Bases, limits: Limits) -> None:
        super().__init__(
            loader=loader,
            undefined=_Missing,
            autoescape=False,
            finalize=_finalize,
            optimized=False,
            auto_reload=False,
        )
        self.limits = limits
        self.globals = {"range": _bounded_range}
        self.filters = {name: _metered(name) for name in (*_PLAIN, *_WITH_ENVIRONMENT, *_WITH_CONTEXT)}
        self.filters |= {"_counted": _counted, "_single": _single}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > self.limits.source:
            limit = f"{self.limits.source:,}"
            raise jinja2.TemplateSyntaxError(f"The template is longer than {limit} characters.", 1)
        template = super()._parse(source, name, filename)
        check(template, self.limits.nodes, self.limits.depth)
        Metering().visit(template)
        return template

    def joined(self, parts: tuple[Any, ...]) -> str:
        """Return what ``a ~ b`` stands for."""
        _budget().step()
        return bounded_concat(_text(part) for part in parts)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a mapping's entry before its methods: ``{{ house.items }}`` is the entry 'items'."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(
        __self,  # noqa: N805 - a value may be called self
        __context: Context,
        __obj: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Call ``range``, ``super`` or one of the reading methods; raises ``Refused`` for everything else."""
        _budget().step()
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        methods = next((_METHODS[kind] for kind in type(owner).__mro__ if kind in _METHODS), frozenset())
        if __obj is _bounded_range or isinstance(__obj, BlockReference) or name in methods:
            return __self._within(super().call(__context, __obj, *args, **kwargs))
        if isinstance(__obj, jinja2.Undefined):
            return __obj()
        raise Refused(f"calls {name or 'something'}(), which these templates cannot", "Use a filter instead.")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out ``left operator right`` where the result stays small."""
        _budget().step()
        if operator == "**" or (operator == "%" and isinstance(left, str)):
            raise Refused(f"uses {operator!r}, which these templates do not have", "Write the result.")
        if operator in "+*":
            sized = [v for v in (left, right) if isinstance(v, str | Sequence)]
            factor = next((v for v in (left, right) if isinstance(v, int)), 0)
            grown = sum(map(len, sized)) if operator == "+" else max(0, *map(len, sized), 0) * max(factor, 0)
            limit = self.limits.output if any(isinstance(v, str) for v in sized) else self.limits.items
            if sized and grown > limit:
                raise Refused(f"makes a text or list longer than {limit:,}", "Make it shorter.")
        return self._within(super().call_binop(context, operator, left, right))

    def _within(self, value: Any) -> Any:
        if isinstance(value, int) and abs(value) > 10**18:
            raise Refused("makes a number above 10 to the 18th", "Use smaller numbers.")
        return value


class Bases(jinja2.BaseLoader):
    """Finds what a template extends or includes.

    Files named ``_…`` that lie in the given folders themselves.
    """

    def __init__(self, dirs: Sequence[Path], limits: Limits) -> None:
        self.dirs = tuple(dirs)
        self.limits = limits

    def path(self, name: str) -> Path:
        """Return the file of base ``name``; raises ``TemplateNotFound``."""
        if name == Path(name).name and name.startswith("_"):
            for folder in self.dirs:
                path = folder / name
                if path.is_file() and path.resolve().parent == folder.resolve():
                    return path
        raise jinja2.TemplateNotFound(name)

    def get_source(
        self,
        environment: jinja2.Environment,  # noqa: ARG002
        template: str,
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return text and path of a base."""
        path = self.path(template)
        if path.stat().st_size > 4 * self.limits.source:
            raise jinja2.TemplateSyntaxError("The file is too long.", 1, template, str(path))
        return path.read_text(encoding="utf-8"), str(path), lambda: True
