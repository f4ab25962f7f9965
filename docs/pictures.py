"""Bring the outputs and pictures of the documentation up to date: ``python -m docs.pictures`` (``make pictures``).

It builds the demo release in a temporary clone, puts what the commands print into the ``console`` blocks of the pages,
writes ``docs/images/terminal.svg``, and takes ``docs/images/report.png`` with a headless Chromium where there is one.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from tests.conftest import REPOSITORY, Clone, make_clone
from tests.docs.pages import PAGES, has_own_test, outputs_shown, read, run_page, updated
from tests.docs.readme import README, run_readme

IMAGES = REPOSITORY / "docs" / "images"
SESSION = (
    "winnow funnel | sed -n 1,6p",
    "winnow why demo_messages:chat-026 | sed -n 1,7p",
    "winnow why demo_messages:chat-041 | sed -n '1,4p;/overlaps/,$p'",
    "winnow verify",
)
"""The commands of the terminal picture, run in the built demo release."""
_COLUMNS, _LINE, _CELL, _MARGIN = 110, 19, 8.5, 18
_STYLE = """\
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8d8d2 }
.command { fill: #ffffff; font-weight: bold }
.prompt { fill: #6cc08b }
"""
_CHROMIUM = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars", "--window-size=1280,1300"),
)


def session(clone: Clone) -> list[tuple[str, str]]:
    """Return the commands of the picture with what they print in a built clone."""
    return [(command, clone.run("bash", "-c", command, PYTHONPATH=str(clone.folder)).stdout) for command in SESSION]


def wrapped(line: str, columns: int = _COLUMNS) -> list[str]:
    """Return a line cut where a terminal of so many columns breaks it; CJK characters take two columns."""
    lines, width = [""], 0
    for character in line:
        step = 2 if "\u2e80" <= character <= "\uffef" else 1
        if width + step > columns:
            lines.append("")
            width = 0
        lines[-1] += character
        width += step
    return lines


def svg(parts: Sequence[tuple[str, str]]) -> str:
    """Return commands and their outputs as an SVG picture of a terminal: the same bytes for the same texts."""
    lines = []
    for command, output in parts:
        lines.append(f'<tspan class="prompt">$</tspan> <tspan class="command">{escape(command)}</tspan>')
        lines += [escape(piece) for line in output.splitlines() for piece in wrapped(line)]
        lines.append("")
    lines.pop()
    width, height = round(_COLUMNS * _CELL) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    texts = "".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + 14 + number * _LINE}" xml:space="preserve">{line}</text>\n'
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"<style>\n{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="#1f2421"/>\n{texts}</svg>\n'
    )


def take_report(report: Path, scratch: Path) -> None:
    """Write ``report.png``, a picture of the top of the report; without Chromium the old one stays."""
    if shutil.which(_CHROMIUM[0]) is None:
        print("There is no chromium here; docs/images/report.png stays as it is.")
        return
    picture = IMAGES / "report.png"
    where = [f"--user-data-dir={scratch}", f"--screenshot={picture}", report.as_uri()]
    subprocess.run([*_CHROMIUM, *where], check=True, capture_output=True, timeout=120)


def update_outputs(page: str, printed: Sequence[str]) -> None:
    """Put what a page's ``console`` commands printed into the page."""
    text = read(page)
    for one, output in zip(outputs_shown(text), printed, strict=True):
        old = f"$ {one.command}\n{one.shown}"
        assert text.count(old) == 1, f"{page}: the command `{one.command}` stands there twice"
        text = text.replace(old, f"$ {one.command}\n{updated(one.shown, output)}")
    (REPOSITORY / page).write_text(text, encoding="utf-8")


def main() -> None:
    """Update all outputs and pictures."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        built = make_clone(scratch / "built")
        built.run("dvc", "repro")
        IMAGES.mkdir(parents=True, exist_ok=True)
        (IMAGES / "terminal.svg").write_text(svg(session(built)), encoding="utf-8")
        take_report(built.folder / "data" / "report" / "index.html", scratch / "chromium")
        for page in PAGES:
            if outputs_shown(read(page)) and not has_own_test(page):
                print(page)
                outside = scratch / page.replace("/", "-")
                if page == README:
                    update_outputs(page, run_readme(built, outside))
                else:
                    clone = built.copy(outside / "clone")
                    update_outputs(page, run_page(read(page), clone.folder, outside / "home", str(built.folder)))


if __name__ == "__main__":
    main()
