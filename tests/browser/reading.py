"""Reading the page back: what a person sees, as numbers."""

import time


def number(text):
    """A number as it is written on the page, with a real minus sign."""
    return float(text.replace("−", "-").replace("∞", "inf"))


def typed(text):
    """A text of the page as Python writes it, with hyphens for minus signs."""
    return text.replace("−", "-")


def until(page, expression):
    """Wait, up to ten seconds, for what a script says about the page to be true.

    Playwright's own way evaluates a text inside of the page, which the page forbids.
    """
    end = time.monotonic() + 10.0
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        time.sleep(0.02)


def position(page):
    """The event that the player stands on."""
    return int(page.locator(".sg-slider").input_value())


def go(page, event):
    """Stand on an event, by the keyboard."""
    page.keyboard.press("Home")
    for _ in range(event):
        page.keyboard.press("ArrowRight")
    assert event == position(page)


def all_shown(page, where=".sg-stage"):
    """All numbers that stand there: (quantity, aspect) -> {index: number}."""
    rows = page.evaluate(
        """where => [...document.querySelectorAll(`${where} button.sg-number`)].map(
            button => [button.dataset.quantity, button.dataset.aspect,
                       button.dataset.index, button.textContent])""",
        where,
    )
    found = {}
    for quantity, aspect, index, text in rows:
        if text != "·":
            found.setdefault((int(quantity), aspect), {})[int(index or 0)] = number(
                text
            )
    return found


def shown(page, quantity, aspect, where=".sg-stage"):
    """The numbers of one quantity: index -> number."""
    return all_shown(page, where).get((quantity, aspect), {})


def overflow(page):
    """By how many pixels the page is wider than the window."""
    script = (
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return page.evaluate(script)
