"""The README's pictures: `.venv/bin/python docs/pictures/make.py ADDRESS E-MAIL PASSWORD`.

ADDRESS is a running Drawpack with the demo project as its first, whose files have been checked.
"""

import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
CONTRACTS = ("SC-001", "SC-002", "SC-005")


def main() -> None:
    address, email, password = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{address}/sign-in?next=/projects/1/invoicing")
        page.fill("[name=email]", email)
        page.fill("[name=password]", password)
        page.click("main button")
        for number in CONTRACTS:
            page.locator("tr", has_text=number).locator("input[data-scope]").first.check()
        page.get_by_text(f"of {len(CONTRACTS)} contracts", exact=False).last.wait_for()
        page.get_by_text("Ready, with").first.wait_for()
        take(page, "subcontractor-tab")
        page.click("#compile")
        page.get_by_role("link", name="Download").first.wait_for(timeout=120_000)
        # The browser's own viewer tells nobody when it has drawn.
        page.wait_for_timeout(4000)
        take(page, "backup")
        browser.close()


def take(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    main()
