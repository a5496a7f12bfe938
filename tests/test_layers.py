"""Who may import whom. The picture is in the README; a failure names the file."""

import ast
import sys

import pytest

from tests.conftest import ROOT

#: Each may import itself and these. Plain settings and unbound extensions stand beside the order.
BESIDE = {"settings", "extensions"}
MAY_IMPORT = {
    "billing": set(),
    "binder": {"billing"},
    # Rows keep what billing has names for, such as the rule by which periods follow each other.
    "models": {"billing"} | BESIDE,
    "services": {"models", "billing", "binder"} | BESIDE,
    "jobs": {"services", "models", "billing", "binder", "demo"} | BESIDE,
    "demo": {"billing", "binder"},
    "blueprints": {"jobs", "services", "models", "billing", "binder", "demo"} | BESIDE,
    "app": {"blueprints", "models", "services"} | BESIDE,
    "worker": {"app", "jobs", "models"} | BESIDE,
    "supervisor": {"app", "models", "services"} | BESIDE,
    "settings": set(),
    "extensions": {"services"},
}
#: What a pure package must not know: the web, the database, the queue.
FRAMEWORKS = {"flask", "werkzeug", "sqlalchemy", "alembic", "redis", "rq"}
FILES = [
    path
    for layer in MAY_IMPORT
    for path in [*(ROOT / layer).rglob("*.py"), ROOT / f"{layer}.py"]
    if path.exists()
]


def imported(path):
    """The top-level names that a file imports anywhere, and the whole names from `flask`."""
    nodes = list(ast.walk(ast.parse(path.read_text(), str(path))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
    assert not [n for n in nodes if isinstance(n, ast.ImportFrom) and n.level > 1]
    return {name.split(".")[0] for name in names}


def from_flask(path):
    """The names that a file takes out of Flask."""
    return {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for alias in node.names
    }


def layer_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_imports_only_downwards(path):
    layer = layer_of(path)

    assert imported(path) & set(MAY_IMPORT) <= MAY_IMPORT[layer] | {layer}


@pytest.mark.parametrize(
    "path", [p for p in FILES if layer_of(p) in {"billing", "binder"}], ids=named
)
def test_a_pure_package_knows_no_framework(path):
    foreign = {name for name in imported(path) if name.startswith("flask")}

    assert not foreign | (imported(path) & FRAMEWORKS)


@pytest.mark.parametrize("path", [p for p in FILES if layer_of(p) == "billing"], ids=named)
def test_billing_needs_only_the_standard_library(path):
    assert imported(path) <= sys.stdlib_module_names | {"billing"}


@pytest.mark.parametrize(
    "path", [p for p in FILES if layer_of(p) in {"services", "jobs", "models"}], ids=named
)
def test_what_a_command_may_call_knows_no_request(path):
    assert not from_flask(path) & {"request", "session", "g", "abort", "redirect", "flash"}
