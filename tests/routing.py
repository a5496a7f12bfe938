"""Each test makes an application of its own, with the same addresses: they are compiled once.

Werkzeug writes and compiles two functions for each address, which took more than half of the time
that making an application takes.
"""

from functools import wraps

from werkzeug.routing import Rule

_known = {}


def compile_addresses_once():
    """Let equal rules share the functions that build their addresses; those hold no state."""
    original = Rule._compile_builder

    @wraps(original)
    def remembered(rule, append_unknown=True):
        key = (rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown)
        if key not in _known:
            _known[key] = original(rule, append_unknown)
        return _known[key]

    Rule._compile_builder = remembered
