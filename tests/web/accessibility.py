"""What axe-core finds wrong on a page (WCAG 2.2 A and AA, and its good practice), in the browser of the tests."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "rules": {"color-contrast": {"enabled": False}},
    "preload": False,
    "elementRef": False,
}
"""Contrast is measured by contrast.js, in both colour schemes and in a tenth of the time. Nothing is loaded again: whatever a
page asks for is what people's browsers ask for."""


def problems(page: Page) -> list[str]:
    """The rule, how grave it is, and where, one for each element; an empty list is a page without problems."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} | {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]
