"""How quickly the dashboard answers, in a real browser: ``uv run python -m tests.benchmarks.dashboard``.

The clock runs in the page, from the click to the picture of the same day with the other policies on the screen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

READY = ".sp-board[data-stage=ready]"
SWITCH = """async () => {
    const head = document.querySelector('h1'), board = document.querySelector('.sp-board');
    const before = head.innerText, begun = performance.now();
    document.querySelector('.sp-switch input').click();
    while (head.innerText === before || board.dataset.stage !== 'ready') {
        await new Promise(requestAnimationFrame);
        if (performance.now() - begun > 60000) { throw new Error('no answer'); }
    }
    await new Promise(requestAnimationFrame);
    return (performance.now() - begun) / 1000;
}"""
MOVE = """async (date) => {
    const input = document.querySelector('#sp-policies-wechat-ban-on'), board = document.querySelector('.sp-board');
    const shown = () => document.querySelector('.sp-card').innerHTML.includes('from ' + date);
    const begun = performance.now();
    input.value = date;
    input.dispatchEvent(new Event('input'));
    input.dispatchEvent(new Event('change'));
    while (!shown() || board.dataset.stage !== 'ready') {
        await new Promise(requestAnimationFrame);
        if (performance.now() - begun > 60000) { throw new Error('no answer'); }
    }
    await new Promise(requestAnimationFrame);
    return (performance.now() - begun) / 1000;
}"""
PLAY = """async () => {
    const board = document.querySelector('.sp-board'), gaps = [], first = Number(board.dataset.day);
    let last = performance.now(), serial = board.dataset.serial, drawn = 0;
    const begun = last;
    document.querySelector('#sp-play').click();
    while (last - begun < 5000) {
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - last);
        last = now;
        if (board.dataset.serial !== serial) { serial = board.dataset.serial; drawn += 1; }
    }
    document.querySelector('#sp-play').click();
    gaps.sort((a, b) => b - a);
    const late = gaps[Math.floor(gaps.length / 100)];
    return {days: (Number(board.dataset.day) - first) / 5, drawn: drawn / 5, longest: gaps[0], late: late};
}"""


def go_to(tab: Page, day: int) -> None:
    """Move the bar of days and wait until it is reached."""
    tab.eval_on_selector("#sp-day", "(bar, day) => { bar.value = day; bar.dispatchEvent(new Event('change')); }", day)
    tab.wait_for_selector(f"{READY}[data-day='{day}']", timeout=120_000)


def measure(tab: Page, people: int) -> None:
    """Print how a page with so many people answers."""
    tab.fill("#sp-people", str(people))
    tab.press("#sp-people", "Tab")
    tab.wait_for_function(f"document.querySelector('.sp-take').innerText.includes('{people:,}')", timeout=120_000)
    tab.wait_for_selector(READY, timeout=120_000)
    asked = "under 1" if people <= 20_000 else "nothing asked"
    for day in (60, 120, 300):
        go_to(tab, day)
        moved = [tab.evaluate(MOVE, f"2020-09-{date}") for date in range(10, 15)]
        switched = [tab.evaluate(SWITCH) for _ in range(6)]
        print(
            f"  {people:7,} people on day {day:3d}: another date {median(moved):.2f} s ({asked}), "
            f"a switch off {switched[0]:.2f} s, on and off again {median(switched[1:]):.2f} s"
        )
    tab.click("#sp-reset")
    tab.wait_for_selector(f"{READY}[data-day='0']", timeout=120_000)
    tab.select_option("#sp-pace", "60")
    played = tab.evaluate(PLAY)
    print(
        f"  {people:7,} people, playing at 60 days/s: {played['days']:.0f} days and {played['drawn']:.1f} pictures "
        f"a second;\n          the page is held up for {played['longest']:.0f} ms at most, "
        f"99 of 100 times for under {played['late']:.0f} ms"
    )
    tab.wait_for_selector(READY)


def main() -> None:
    """Serve the page, open it, and print how it answers."""
    from browsing import chromium

    from sim.app.dashboard.serve import free_port

    port = free_port(0)
    code = "from sim.cli import main; main()"
    call = [sys.executable, "-c", code, "explore", "wechat_as_ordered", "--no-browser", "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert server.stdout is not None
            signed = server.stdout.readline().split()[3]  # Splinternet is at ADDRESS
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30).close()
                except urllib.error.HTTPError:  # it answers, and wants its token
                    break
                except OSError:
                    time.sleep(0.2)
            with sync_playwright() as play:
                browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
                tab = browser.new_page(viewport={"width": 1280, "height": 800})
                begun = time.perf_counter()
                tab.goto(signed)
                tab.wait_for_selector(READY, timeout=120_000)
                spent = time.perf_counter() - begun
                busy = (
                    f"{os.getloadavg()[0]:.1f} at work on {os.cpu_count()} cores" if hasattr(os, "getloadavg") else ""
                )
                print(f"\nthe dashboard, in chromium; {busy}\n  opened: {spent:.1f} s")
                for people in (20_000, 100_000):
                    measure(tab, people)
                browser.close()
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
