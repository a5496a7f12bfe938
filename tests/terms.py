"""Finds terms of the point-of-view dictionaries that bypass the catalogue."""

import ast
import re
from pathlib import Path

from jinja2 import Environment, nodes

from services.terms import TERMS

#: A whole term, in the spellings that a catalogue answers for.
TERM = re.compile(
    r"(?<![\w/])(?:" + "|".join(re.escape(term) for term in sorted(TERMS, key=len, reverse=True))
    + r")(?!\w)"
)  # fmt: skip
#: What is put into such a call is looked up.
LOOKED_UP = {"_", "gettext", "ngettext", "pgettext", "lazy_gettext", "label", "term", "_say"}
BY_TEXT = {"_", "gettext"}
#: The lists of what is looked up later.
LISTS = {"TERMS"}
#: Attributes that nobody reads.
UNREAD = re.compile(r'\b(?:class|id|name|value|href|for|form|action|data-[\w-]+)="[^"]*"')


def in_template(source):
    """(line, term) for each that is shown as it is written."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    return [found for node in tree.iter_child_nodes() for found in _of_node(node)]


def _of_node(node):
    if isinstance(node, nodes.Call) and getattr(node.node, "name", None) in {*LOOKED_UP, "url_for"}:
        return
    # A value that is compared, or a key, is a code of ours.
    if isinstance(node, nodes.Compare):
        return
    if isinstance(node, nodes.TemplateData):
        yield from _terms(UNREAD.sub("", node.data), node.lineno)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and not _is_code(node.value):
        yield from _terms(node.value, node.lineno)
    for child in node.iter_child_nodes():
        yield from _of_node(child)


def in_python(source):
    """The same, of the texts in a module; docstrings are for developers. A text that is put
    together inside `_()` is found too: no catalogue has it."""
    return list(_of_python(ast.parse(source)))


def _of_python(node):
    if isinstance(node, ast.Call) and _name(node.func) in LOOKED_UP:
        if _name(node.func) in BY_TEXT and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            yield node.lineno, "_() of a text that is put together"
        # What fills its blanks may hold a term of its own.
        for keyword in node.keywords:
            yield from _of_python(keyword.value)
        return
    if isinstance(node, ast.Assign | ast.AnnAssign) and _targets(node) & LISTS:
        return
    body = getattr(node, "body", None)
    docstring = body[0] if isinstance(body, list) and body and _is_text(body[0]) else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_code(node.value):
        yield from _terms(node.value, node.lineno)
    for child in ast.iter_child_nodes(node):
        if child is not docstring:
            yield from _of_python(child)


def _name(function):
    return getattr(function, "id", None) or getattr(function, "attr", None)


def _targets(node):
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {_name(target) for target in targets}


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_code(text):
    """A word of ours such as an enum's value or an endpoint."""
    return text == text.lower() and not re.search(r"[\s’#]", text.strip())


def in_script(source):
    """The same, of a script; what stands in a line of comment is for developers."""
    lines = source.splitlines()
    return [
        found
        for number, line in enumerate(lines, 1)
        if not line.lstrip().startswith("//")
        for found in _terms(line, number)
    ]


def _terms(text, line):
    for found in TERM.finditer(text):
        yield line + text.count("\n", 0, found.start()), found[0]


def sources(root: Path):
    """(path, finder) of everything that shows words to people."""
    for path in sorted((root / "templates").rglob("*")):
        if path.is_file():
            yield path, in_template
    for package in ("blueprints", "services", "jobs", "models", "billing", "binder", "supervisor"):
        for path in sorted((root / package).rglob("*.py")):
            yield path, in_python
    for path in sorted((root / "static").glob("*.js")):
        yield path, in_script
