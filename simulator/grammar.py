"""The part of Jinja that these templates have, and the counting that is put into it.

Nothing is defined, imported or captured: a template puts values in, chooses and repeats.
``simulator.templates`` is the way to use it.
"""

from __future__ import annotations

from typing import cast

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer

_PARTS = """Add And Assign Block Call Compare Concat CondExpr Const Dict Div Extends Filter FloorDiv For
Getattr Getitem If Include Keyword List Mod Mul Name Neg Not Operand Or Output Pair Pos Pow Slice Sub Template
TemplateData Test Tuple With"""
_ALLOWED = frozenset(_PARTS.split())
_WORDS = {
    "AssignBlock": "{% set %} with a body", "CallBlock": "{% call %}", "FilterBlock": "{% filter %}",
    "FromImport": "{% from %}", "Import": "{% import %}", "Macro": "{% macro %}", "NSRef": "a namespace",
    "ScopedEvalContextModifier": "{% autoescape %}",
}  # fmt: skip


def check(template: nodes.Template, most_nodes: int, most_depth: int) -> None:
    """Raise ``TemplateSyntaxError`` where ``template`` holds what these templates do not have."""
    waiting: list[tuple[nodes.Node, int]] = [(template, 0)]
    seen = 0
    while waiting:
        node, depth = waiting.pop()
        seen += 1
        kind = type(node).__name__
        problem = ""
        if seen > most_nodes:
            problem = f"The template has more than {most_nodes:,} parts."
        elif depth > most_depth:
            problem = f"Blocks or expressions stand more than {most_depth} deep in each other."
        elif kind not in _ALLOWED:
            problem = f"{_WORDS.get(kind, kind)} is not available in these templates."
        elif isinstance(node, nodes.For) and node.recursive:
            problem = "A recursive loop is not available in these templates."
        elif isinstance(node, nodes.Name) and node.name == "self":
            problem = "'self' is not available in these templates."
        elif isinstance(node, nodes.Extends | nodes.Include) and not (
            isinstance(node.template, nodes.Const) and isinstance(node.template.value, str)
        ):
            problem = "The file to extend or include must stand there in quotes."
        if problem:
            raise jinja2.TemplateSyntaxError(problem, getattr(node, "lineno", None) or 1)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


class Metering(NodeTransformer):
    """Puts the counting into loops and keeps lists flat, so that nothing can grow by doubling."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        """Count each round of the loop."""
        self.generic_visit(node)
        node.iter = self._through("_counted", node.iter)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        """Keep lists made at run time out of lists."""
        self.generic_visit(node)
        node.items = [self._flat(item) for item in node.items]
        return node

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Node:  # noqa: N802
        """Keep lists made at run time out of tuples."""
        self.generic_visit(node)
        if node.ctx == "load":
            node.items = [self._flat(item) for item in node.items]
        return node

    def visit_Pair(self, node: nodes.Pair) -> nodes.Node:  # noqa: N802
        """Keep lists made at run time out of mappings."""
        self.generic_visit(node)
        node.value = self._flat(node.value)
        return node

    def _flat(self, node: nodes.Expr) -> nodes.Expr:
        if isinstance(node, nodes.List | nodes.Tuple | nodes.Dict | nodes.Const):
            return node
        return self._through("_single", node)

    @staticmethod
    def _through(name: str, node: nodes.Node) -> nodes.Expr:
        return nodes.Filter(cast(nodes.Expr, node), name, [], [], None, None, lineno=node.lineno)
