"""Accessibility, as axe-core sees a page in the browser."""

from pathlib import Path

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js").read_text()
# A colour half way through a transition is nobody's colour.
SETTLED = """() => Promise.allSettled(document.getAnimations()
    .filter(animation => animation.effect.getComputedTiming().endTime !== Infinity)
    .map(animation => animation.finished))"""
# Nor is what stands dimmed while an answer to a tick is on its way.
ANSWERED = "() => !document.querySelector('.htmx-request')"
SERIOUS = {"serious", "critical"}
# The names of the framed tables that are wider than their frames.
WIDER_THAN_THEIR_FRAME = """() => [...document.querySelectorAll('.table-scroll')]
    .filter(frame => frame.scrollWidth > frame.clientWidth)
    .filter(frame => !frame.querySelector('.field input, .lines'))
    .map(frame => frame.ariaLabel || frame.getAttribute('aria-labelledby'))"""
#: Of a desk's screen and of a phone, in pixels.
WIDTHS = (1440, 390)


def assert_accessible(page):
    """Fail with rule, place and advice for every serious violation on the page as it is now."""
    page.wait_for_function(ANSWERED)
    page.evaluate(SETTLED)
    if not page.evaluate("() => 'axe' in window"):
        # Evaluated by the debugger, so that the page's strict policy for scripts stays as it is.
        page.evaluate(f"() => {{ {AXE} }}")
    found = page.evaluate("() => window.axe.run(document, {resultTypes: ['violations']})")
    wrong = [
        f"{violation['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    assert not wrong, "\n".join(wrong)


def assert_fits(page):
    """The same on a desk's screen and on a phone, and that neither has to be scrolled sideways."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} pixels wide on a screen of {width}"
    assert_read_without_scrolling(page)


def assert_read_without_scrolling(page):
    """On a phone every table that is only read fits, too; a grid to type in may be wider."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    wide = page.evaluate(WIDER_THAN_THEIR_FRAME)
    assert not wide, f"{page.url}: {wide} must be scrolled sideways on a phone"
