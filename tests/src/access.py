"""What assistive technology sees: lists accessible names as JSON, presses buttons and sets texts.

access.py enable | list | press NAME | set NAME TEXT | focus NAME
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402


def enable():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    for name in ("IsEnabled", "ScreenReaderEnabled"):
        bus.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set",
            GLib.Variant("(ssv)", ("org.a11y.Status", name, GLib.Variant("b", True))),
            None, Gio.DBusCallFlags.NONE, 10000, None)


def nodes(node, depth=0):
    """The node and everything below it; what vanishes meanwhile is left out."""
    if node is None or depth > 40:
        return
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(count):
        try:
            child = node.get_child_at_index(index)
        except GLib.Error:
            continue
        yield from nodes(child, depth + 1)


def everything():
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application is not None and application.get_name() not in ("openbox", "at-spi-bus-launcher"):
            yield from nodes(application)


def describe(node):
    states = node.get_state_set()
    names = ("focused", "sensitive", "showing", "checked", "pressed", "selected", "expanded")
    held = [name for name in names if states.contains(getattr(Atspi.StateType, name.upper()))]
    text = None
    try:
        if node.get_text_iface() is not None:
            text = Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))
    except GLib.Error:
        pass
    bounds = None
    try:
        place = Atspi.Component.get_extents(node, Atspi.CoordType.WINDOW)
        bounds = [place.x, place.y, place.width, place.height]
    except (GLib.Error, TypeError):
        pass
    return {
        "bounds": bounds,
        "role": node.get_role_name(),
        "name": node.get_name(),
        "description": node.get_description(),
        "states": held,
        "text": text,
    }


def found(name):
    for node in everything():
        try:
            if node.get_name() == name:
                yield node
        except GLib.Error:
            continue


def press(name):
    for node in found(name):
        action = node.get_action_iface()
        if action is not None and Atspi.Action.get_n_actions(node) > 0:
            return Atspi.Action.do_action(node, 0)
    return False


def main():
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "enable":
        enable()
    elif what == "list":
        listed = []
        for node in everything():
            try:
                listed.append(describe(node))
            except GLib.Error:
                continue
        print(json.dumps(listed))
    elif what == "press":
        print(json.dumps(press(arguments[0])))
    elif what == "set":
        done = [Atspi.EditableText.set_text_contents(node, arguments[1])
                for node in found(arguments[0]) if node.get_editable_text_iface() is not None]
        print(json.dumps(any(done)))
    elif what == "focus":
        print(json.dumps(any(Atspi.Component.grab_focus(node) for node in found(arguments[0]))))


main()
