"""Optional content: what is hidden when the file is opened alone stays hidden in the backup."""

from dataclasses import dataclass

from pikepdf import Name, Object, Pdf

from binder.source import entry, is_array, is_dictionary

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a file, and those that are hidden when it is opened."""

    every: tuple[Object, ...] = ()
    hidden: tuple[Object, ...] = ()


def read_layers(pdf: Pdf) -> Layers:
    """The layers of `pdf` in their default configuration, as a screen shows it."""
    properties = entry(pdf.Root, "/OCProperties")
    every = _groups(entry(properties, "/OCGs"))
    configuration = entry(properties, "/D")
    on = _ids(entry(configuration, "/ON"))
    off = _ids(entry(configuration, "/OFF"))
    by_default = configuration is None or configuration.get("/BaseState") != Name.OFF
    automatic = _ids_under_view_event(configuration)

    def is_hidden(layer: Object) -> bool:
        wanted = _view_state(layer) if layer.objgen in automatic else None
        if wanted is not None:
            return wanted == "/OFF"
        return layer.objgen in off if by_default else layer.objgen not in on

    return Layers(every, tuple(layer for layer in every if is_hidden(layer)))


def _groups(value: Object | None) -> tuple[Object, ...]:
    if not is_array(value):
        return ()
    groups = (group for group in list(value)[:_MOST] if is_dictionary(group))
    return tuple(group for group in groups if group.is_indirect)


def _ids(value: Object | None) -> set[tuple[int, int]]:
    return {group.objgen for group in _groups(value)}


def _ids_under_view_event(configuration: Object | None) -> set[tuple[int, int]]:
    """Layers that a screen switches by what they are used for."""
    found: set[tuple[int, int]] = set()
    events = entry(configuration, "/AS")
    for event in events if is_array(events) else ():
        if is_dictionary(event) and event.get("/Event") == Name.View:
            found |= _ids(entry(event, "/OCGs"))
    return found


def _view_state(layer: Object) -> str | None:
    view = entry(entry(layer, "/Usage"), "/View")
    state = view.get("/ViewState") if view is not None else None
    return None if state is None else str(state)
