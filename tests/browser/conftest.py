"""A real browser for the tests of the pages: Chromium without a window.

Where there is none, or no Playwright to drive it, these tests are skipped and say so;
`scripts/test` installs both where it can.
"""

import shutil
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Every test in this folder needs a browser."""
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one file: its event loop must not outlive them."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt install chromium")
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=program, args=list(QUIET))
        yield running
        running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Opens a tape as a page: opened(tape, size=PHONE, dark=True) gives the page.

    A message on the console, an error or a request for anything but the file itself
    fails the test.
    """
    trouble, contexts = [], []

    def open_page(tape, *, size=None, dark=False, language="en-GB", **options):
        own = tape.save(tmp_path / f"{len(contexts)}.html").as_uri()
        context = browser.new_context(
            viewport=size or DESKTOP,
            color_scheme="dark" if dark else "light",
            locale=language,
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on(
            "request",
            lambda request: request.url == own or trouble.append(request.url),
        )
        page.goto(own)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [] == trouble
