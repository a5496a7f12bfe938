"""Each test makes an application of its own, with the same addresses: they are compiled once.

Werkzeug takes each address apart, and writes and compiles two functions for it, which took more
than half of the time that making an application takes.
"""

from functools import wraps

from werkzeug.routing import Rule


def compile_addresses_once():
    """Let equal rules share the functions that build their addresses, and their parts; neither
    holds any state."""
    Rule._compile_builder = _remembering_functions(Rule._compile_builder)
    Rule._parse_rule = _remembering_parts(Rule._parse_rule)


def _remembering_functions(original):
    known = {}

    @wraps(original)
    def remembered(rule, append_unknown=True):
        key = (rule.rule, repr(rule._trace), repr(rule.defaults), append_unknown)
        if key not in known:
            known[key] = original(rule, append_unknown)
        return known[key]

    return remembered


def _remembering_parts(original):
    known = {}

    @wraps(original)
    def remembered(rule, text):
        # What is the same but for its defaults, or another application's converters, is another.
        key = (text, rule.is_leaf, rule.strict_slashes, *sorted(rule.map.converters))
        if key not in known:
            before = len(rule._trace)
            parts = list(original(rule, text))
            known[key] = parts, rule._trace[before:], dict(rule._converters)
            return parts
        parts, trace, converters = known[key]
        rule._trace.extend(trace)
        rule._converters.update(converters)
        rule.arguments.update(converters)
        return parts

    return remembered
