"""The built report site in a real browser: it asks no other host, and shows the numbers of the release."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from deployments import Deployment

from orchestration.settings import SITE_PROJECT
from orchestration.site import serve_site

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or shutil.which("npm") is None,
    reason="the site is tested with Node 20, npm and Debian's chromium, which are not all there (apt install chromium)",
)
pytestmark = needs_browser

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORTS = {"desktop": (1280, 900), "telephone": (390, 844)}
PAGES = (
    "/",
    "/cities/",
    "/governance/",
    "/planning/",
    "/finance/",
    "/monitoring/",
    "/capacity/",
    "/findings/",
    "/needs/",
    "/services/",
    "/errata/",
    "/data/",
    "/methods/",
)
HEAVIEST_PAGE = 1_500_000
ENGINE = ("duckdb",)


@dataclass
class Opened:
    """A page with all that it asked for and complained about."""

    page: "playwright.Page"
    address: str
    requests: list[str] = field(default_factory=list)
    bytes_by_url: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def release(bundled: Deployment) -> Path:
    return bundled.releases / "2024.0" / "public"


@pytest.fixture(scope="module")
def address(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = tmp_path_factory.mktemp("site") / "site"
    done = bundled.needs("site", "build", NEEDS_SITE=str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    server = serve_site(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: "playwright.Browser", address: str) -> Iterator[Callable[..., Opened]]:
    contexts = []

    def open_page(path: str, viewport: str = "desktop") -> Opened:
        width, height = VIEWPORTS[viewport]
        context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
        contexts.append(context)
        opened = Opened(context.new_page(), address)
        page = opened.page
        page.on("request", lambda request: opened.requests.append(request.url))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: opened.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("response", lambda response: note(opened, response))
        page.goto(f"{address}{path}", wait_until="networkidle")
        return opened

    yield open_page
    for context in contexts:
        context.close()


def note(opened: Opened, response: "playwright.Response") -> None:
    if response.status >= 400:
        opened.complaints.append(f"{response.status} {response.url}")
    opened.bytes_by_url[response.url] = int(response.headers.get("content-length", 0))


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_error_and_asks_no_other_host(
    opened: Callable[..., Opened], path: str, viewport: str
) -> None:
    found = opened(path, viewport)
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith((found.address, "data:", "blob:"))] == []
    weight = sum(size for url, size in found.bytes_by_url.items() if not any(name in url for name in ENGINE))
    assert 0 < weight <= HEAVIEST_PAGE
    assert found.page.locator("h1").count() == 1
    assert "Contains synthetic data" in found.page.locator("[data-notice]").inner_text()
    assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_serious_violation(opened: Callable[..., Opened], path: str) -> None:
    page = opened(path).page
    page.add_script_tag(path=SITE_PROJECT / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    serious = [
        (entry["id"], entry["nodes"][0]["html"][:200])
        for entry in found["violations"]
        if entry["impact"] in ("serious", "critical")
    ]
    assert serious == []


def drawn(page: "playwright.Page") -> dict[tuple[str, str, str], tuple[float, float]]:
    """Count and share of each mark of the charts of a page, by table, row and column."""
    script = """() => [...document.querySelectorAll('[data-figure] [data-column][data-share]')].map((mark) => [
        mark.closest('[data-figure]').dataset.figure,
        mark.dataset.row, mark.dataset.column, Number(mark.dataset.n), Number(mark.dataset.share)])"""
    return {tuple(mark[:3]): tuple(mark[3:]) for mark in page.evaluate(script)}


@pytest.mark.parametrize("path", PAGES[1:8])
def test_charts_show_the_numbers_of_the_release_and_no_hidden_one(
    opened: Callable[..., Opened], path: str, release: Path
) -> None:
    page = opened(path).page
    marks = drawn(page)
    figures = page.eval_on_selector_all(
        "[data-kind]:not([data-kind=table])", "all => all.map((one) => one.dataset.figure)"
    )
    assert figures
    printed = duckdb.sql(
        "select source || '_' || lpad(number::varchar, 2, '0'), cohort_code || '/' || row_code, column_code, n, "
        f"share_pct from '{release}/cells.parquet' where share_pct is not null"
    ).fetchall()
    expected = {tuple(row[:3]): tuple(row[3:]) for row in printed if row[0] in figures}
    assert marks.items() <= expected.items()
    # A count and a share of the same answer are drawn once.
    assert {key[:2] for key in expected} == {key[:2] for key in marks}


def test_needs_are_those_of_table_37(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/needs/").page
    found = page.eval_on_selector_all(
        "[data-figure=needs] li[data-need]",
        "all => all.map(({dataset}) => [dataset.need, dataset.share ?? null, dataset.comparisonShare ?? null])",
    )
    shown = {need: tuple(None if share is None else float(share) for share in shares) for need, *shares in found}
    rows = duckdb.sql(
        f"select need_code, share_pct, comparison_share_pct from '{release}/gaps/gap_need_by_cohort.parquet'"
    )
    assert shown == {need: tuple(shares) for need, *shares in rows.fetchall()}


def test_filters_choose_a_group_and_a_theme(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/needs/").page
    page.select_option("[data-filter=cohort]", "NMC")
    page.select_option("[data-filter=dimension]", "target_status")
    page.select_option("[data-filter=member]", "existing")
    shown = page.eval_on_selector_all(
        "[data-group='NMC/target_status/existing'] li [data-share]",
        "all => all.map((mark) => [mark.closest('li').dataset.need, Number(mark.dataset.share)])",
    )
    rows = duckdb.sql(
        f"select need_code, share_pct from '{release}/gaps/gap_need_by_group.parquet' where cohort_code = 'NMC' "
        "and dimension_code = 'target_status' and member_code = 'existing' and share_pct is not null"
    ).fetchall()
    assert rows
    assert dict(shown) == dict(rows)
    page.select_option("[data-filter=theme]", "finance")
    of_theme = duckdb.sql(
        f"select count(*) from '{release}/gaps/gap_need_by_cohort.parquet' where theme_code = 'finance'"
    ).fetchone()
    assert (page.locator("[data-figure=needs] li[data-need]").count(),) == of_theme


def test_downloads_are_the_files_of_the_release(opened: Callable[..., Opened], release: Path, tmp_path: Path) -> None:
    page = opened("/cities/").page
    with page.expect_download() as started:
        page.click("#figure_06 a[download]")
    started.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == (release / "tables" / "figure_06.csv").read_bytes()
    page = opened("/data/").page
    links = page.eval_on_selector_all("a[download]", "all => all.map((link) => link.getAttribute('href'))")
    missing = [link for link in links if page.request.head(f"{page.url.split('/data')[0]}{link}").status != 200]
    assert (len(links) > 100, missing) == (True, [])


def test_pages_open_from_a_button_on_a_telephone(opened: Callable[..., Opened]) -> None:
    page = opened("/", "telephone").page
    assert not page.locator("nav").is_visible()
    page.click("header button")
    page.click("nav a[href='/needs/'], nav a[href='/needs']")
    page.wait_for_selector("[data-figure=needs]")
    assert not page.locator("nav").is_visible()


def test_a_page_prints_as_a_document(opened: Callable[..., Opened], tmp_path: Path) -> None:
    page = opened("/findings/").page
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()


def test_the_keyboard_reaches_the_content_first(opened: Callable[..., Opened]) -> None:
    page = opened("/needs/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"


def test_a_wave_without_eoi_and_with_empty_tables_has_a_site(
    address: str, refreshed: Deployment, browser: "playwright.Browser", tmp_path: Path
) -> None:
    site = tmp_path / "site"
    done = refreshed.needs("site", "build", NEEDS_SITE=str(site))
    assert done.returncode == 0, done.stdout + done.stderr
    server = serve_site(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for path in PAGES:
        page.goto(f"http://127.0.0.1:{server.server_port}{path}", wait_until="networkidle")
        assert page.locator("h1").count() == 1, path
    server.shutdown()
    assert complaints == []
