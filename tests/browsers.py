"""A browser for the tests of pages, and a server on loopback for a site."""

import functools
import http.server
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def serve(site):
    """Serve a site on loopback while the block runs; yield its address."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser():
    if not Path(CHROMIUM).exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def one_tab(browser):
    return browser.new_page()


@pytest.fixture
def tab(one_tab):
    """The one tab, as if it had just been opened: each of its own would be a process more."""
    one_tab.goto("about:blank")
    one_tab.set_viewport_size({"width": 1280, "height": 720})
    one_tab.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return one_tab


@pytest.fixture(scope="module")
def tab_without_scripts(browser):
    return browser.new_page(java_script_enabled=False)
