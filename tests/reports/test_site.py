"""The built report site in a real browser: it asks no other host, and shows the numbers of the release."""

import base64
import csv
import io
import re
import shutil
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
import pytest
from deployments import Deployment, in_this_process

from orchestration.release.store import ReleaseStore, write_checksums
from orchestration.settings import PROJECT_ROOT, SITE_PROJECT
from orchestration.site.build import serve_site

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
    # Each of the pages that stay open would have a process of its own, and hundreds of megabytes.
    "--renderer-process-limit=2",
)
VIEWPORTS = {"desktop": (1280, 900), "telephone": (390, 844)}
THEMES = (
    "profile", "climate_target", "governance", "implementation", "finance", "monitoring", "capacity", "services",
)  # fmt: skip
CHAPTERS = (*(f"/themes/{theme}/" for theme in THEMES), "/findings/")
INITIATIVE = "/initiatives/covenant_of_mayors/"
PAGES = (
    "/",
    "/cities/",
    *CHAPTERS,
    "/needs/",
    "/needs/funding/",
    "/services/",
    "/support/",
    INITIATIVE,
    "/use/",
    "/waves/",
    "/tables/",
    "/errata/",
    "/data/",
    "/methods/",
)
DOCUMENTS = (
    "/documents/checks/door-eoi.2021.html",
    "/documents/checks/gate-2024.html",
    "/documents/models.html",
)
# What only the wave with a mapping of initiatives has, or that with a register of use: the site of 2024 shows theirs.
SUPPORT_TABLES = {"gap_initiative_by_cohort", "gap_partnership", "gap_self_report", "gap_support_coverage"}
USE_TABLES = {
    "gap_intent_to_use", "gap_need_change_by_use", "gap_pathway_progress", "gap_response_rate", "gap_service_usage",
}  # fmt: skip
WITHOUT_ROWS = {"gap_label_language", "gap_need_change", *SUPPORT_TABLES, *USE_TABLES}
HEAVIEST_PAGE = 1_500_000
ENGINE = ("duckdb",)
# The wave before: its share of a need is known, and one need was asked otherwise. Changes are those of 2025.
EARLIER, EARLIER_SHARE, ASKED_OTHERWISE = "2023", 12.5, "funding"
CHANGES = "gaps/gap_need_change.parquet"


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
def releases(bundled: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled release with what other waves tell of support and use, and one of a wave before it."""
    folder = tmp_path_factory.mktemp("releases")
    # Without the ledger, which would tell that they were changed.
    ignored = shutil.ignore_patterns("ledger")
    shutil.copytree(bundled.releases, folder, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=ignored)
    earlier = folder / f"{EARLIER}.0"
    shutil.copytree(folder / "2024.0", earlier, copy_function=shutil.copyfile)
    for table in earlier.glob("*/gaps/*.parquet"):
        changed = f"'{EARLIER}' as wave"
        if table.stem == "gap_need_by_cohort":
            changed += f", {EARLIER_SHARE} as comparison_share_pct, if(need_code = '{ASKED_OTHERWISE}', "
            changed += "'Another question', comparison_evidence) as comparison_evidence"
        rows = duckdb.sql(f"select * replace ({changed}) from '{table}'").to_arrow_table()
        duckdb.sql(f"copy rows to '{table}' (format parquet)")
        # Only what maps initiatives, tells of use, compares waves or has other languages is without rows.
        assert rows.num_rows or table.stem in WITHOUT_ROWS
    for audience in ("internal", "public"):
        since = f"'2024' as wave, '{EARLIER}' as base_wave"
        rows = duckdb.sql(f"select * replace ({since}) from '{folder}/2025.0/{audience}/{CHANGES}'").to_arrow_table()
        duckdb.sql(f"copy rows to '{folder}/2024.0/{audience}/{CHANGES}' (format parquet)")
        assert rows.num_rows
        for wave, tables in {"2025": SUPPORT_TABLES, "2026": USE_TABLES}.items():
            for table in tables:
                path = f"{audience}/gaps/{table}.parquet"
                rows = duckdb.sql(f"select * replace ('2024' as wave) from '{folder}/{wave}.0/{path}'").to_arrow_table()
                duckdb.sql(f"copy rows to '{folder}/2024.0/{path}' (format parquet)")
                assert rows.num_rows
        write_checksums(earlier / audience)
        write_checksums(folder / "2024.0" / audience)
    return folder


@contextmanager
def served_site(deployment: Deployment, releases: Path, sites: Path, *arguments: str) -> Iterator[str]:
    """The address of the one site that the command builds, served."""
    places = {"NEEDS_SEEDS": deployment.seeds, "NEEDS_DATA": deployment.data, "NEEDS_RELEASES": releases}
    environment = {name: str(place) for name, place in {**places, "NEEDS_SITE": sites}.items()}
    done = in_this_process(("site", "build", *arguments), environment)
    assert done.returncode == 0, done.stdout + done.stderr
    (site,) = sites.iterdir()
    server = serve_site(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def address(bundled: Deployment, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_site(bundled, releases, tmp_path_factory.mktemp("site"), "2024.0") as found:
        yield found


@pytest.fixture(scope="module")
def with_support(bundled: Deployment) -> Path:
    """The release of the wave that maps initiatives, whose tables the site shows."""
    return bundled.releases / "2025.0" / "public"


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@cache
def screen(browser: "playwright.Browser", viewport: str) -> "playwright.BrowserContext":
    """Where all pages of a size are opened: what one has loaded and compiled the next one has already."""
    width, height = VIEWPORTS[viewport]
    return browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)


def look(browser: "playwright.Browser", address: str, path: str, viewport: str = "desktop") -> Opened:
    """Open a page, and note what it asks for and complains about."""
    opened = Opened(screen(browser, viewport).new_page(), address)
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


@pytest.fixture(scope="module")
def read(browser: "playwright.Browser", address: str) -> Callable[..., Opened]:
    """Pages that tests only read: each is opened once."""
    return cache(partial(look, browser, address))


@pytest.fixture
def opened(browser: "playwright.Browser", address: str) -> Iterator[Callable[..., Opened]]:
    """Pages that a test acts on."""
    found: list[Opened] = []

    def open_page(path: str, viewport: str = "desktop") -> Opened:
        found.append(look(browser, address, path, viewport))
        return found[-1]

    yield open_page
    for one in found:
        one.page.close()


def note(opened: Opened, response: "playwright.Response") -> None:
    if response.status >= 400:
        opened.complaints.append(f"{response.status} {response.url}")
    opened.bytes_by_url[response.url] = int(response.headers.get("content-length", 0))


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_error_and_asks_no_other_host(
    read: Callable[..., Opened], path: str, viewport: str
) -> None:
    found = read(path, viewport)
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith((found.address, "data:", "blob:"))] == []
    weight = sum(size for url, size in found.bytes_by_url.items() if not any(name in url for name in ENGINE))
    assert 0 < weight <= HEAVIEST_PAGE
    assert found.page.locator("h1").count() == 1
    assert "Contains synthetic data" in found.page.locator("[data-notice]").inner_text()
    assert found.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documentation_beside_the_site_has_its_header_and_asks_no_other_host(
    read: Callable[..., Opened], path: str
) -> None:
    found = read(path)
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith((found.address, "data:", "blob:"))] == []
    assert "Contains synthetic data" in found.page.locator("[data-notice]").inner_text()
    assert found.page.locator("header a.home").first.get_attribute("href").endswith("../")


def test_data_docs_tell_each_rule_and_what_was_found(read: Callable[..., Opened]) -> None:
    text = read("/documents/checks/gate-2024.html").page.inner_text("main")
    assert "hidden_cells_cannot_be_computed" in text
    assert "Evaluated Expectations" in text
    assert "NaN" not in text


def test_a_model_is_shown_with_its_columns_and_what_it_is_made_of(opened: Callable[..., Opened]) -> None:
    page = opened("/documents/models/index.html#!/model/model.city_needs.gap_cube").page
    # dbt's page draws what it has fetched when it has the time.
    page.wait_for_function("document.body.innerText.includes('the crosstab cube')")
    text = page.inner_text("body")
    assert "int_share_intervals" in text
    assert "DOUBLE" in text.upper()


def test_documentation_is_linked_from_data(read: Callable[..., Opened]) -> None:
    links = read("/data/").page.eval_on_selector_all(
        "[data-figure=documents] a", "all => all.map((link) => link.getAttribute('href'))"
    )
    assert set(DOCUMENTS) <= set(links)


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_no_serious_violation(read: Callable[..., Opened], path: str, viewport: str) -> None:
    assert find_barriers(read(path, viewport).page) == []


def find_barriers(page: "playwright.Page") -> list[tuple[str, str]]:
    """Serious violations of WCAG on a page, with the element."""
    page.add_script_tag(path=SITE_PROJECT / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']})"
    )
    return [
        (entry["id"], entry["nodes"][0]["html"][:200])
        for entry in found["violations"]
        if entry["impact"] in ("serious", "critical")
    ]


def drawn(page: "playwright.Page") -> dict[tuple[str, str, str], tuple[float, float]]:
    """Count and share of each mark of the charts of a page, by table, row and column."""
    script = """() => [...document.querySelectorAll('[data-figure] [data-column][data-share]')].map((mark) => [
        mark.closest('[data-figure]').dataset.figure,
        mark.dataset.row, mark.dataset.column, Number(mark.dataset.n), Number(mark.dataset.share)])"""
    return {tuple(mark[:3]): tuple(mark[3:]) for mark in page.evaluate(script)}


@pytest.mark.parametrize("path", CHAPTERS)
def test_charts_show_the_numbers_of_the_release_and_no_hidden_one(
    read: Callable[..., Opened], path: str, release: Path
) -> None:
    page = read(path).page
    figures = page.eval_on_selector_all(
        "[data-kind]:not([data-kind=table])", "all => all.map((one) => one.dataset.figure)"
    )
    marks = {key: found for key, found in drawn(page).items() if key[0] in figures}
    assert figures
    printed = duckdb.sql(
        "select source || '_' || lpad(number::varchar, 2, '0'), cohort_code || '/' || row_code, column_code, n, "
        f"share_pct from '{release}/cells.parquet' where share_pct is not null"
    ).fetchall()
    expected = {tuple(row[:3]): tuple(row[3:]) for row in printed if row[0] in figures}
    assert marks.items() <= expected.items()
    # A count and a share of the same answer are drawn once.
    assert {key[:2] for key in expected} == {key[:2] for key in marks}


def test_needs_and_their_intervals_are_those_of_table_37(read: Callable[..., Opened], release: Path) -> None:
    script = """all => all.map((li) => [li.dataset.need, li.dataset.share, li.dataset.comparisonShare,
        ...['own', 'other'].flatMap((kind) => {
            const one = li.querySelector(`.interval.${kind}`); return [one?.dataset.low, one?.dataset.high] })])"""
    found = read("/needs/").page.eval_on_selector_all("[data-figure=needs] li[data-need]", script)
    shown = {need: tuple(None if value is None else float(value) for value in values) for need, *values in found}
    rows = duckdb.sql(
        "select need_code, share_pct, comparison_share_pct, share_low_pct, share_high_pct, comparison_share_low_pct, "
        f"comparison_share_high_pct from '{release}/gaps/gap_need_by_cohort.parquet'"
    )
    assert shown == {need: tuple(values) for need, *values in rows.fetchall()}


def test_filters_choose_a_group_a_theme_and_a_wave(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/needs/").page
    page.select_option("[data-filter=cohort]", "NMC")
    page.select_option("[data-filter=dimension]", "target_merged")
    page.select_option("[data-filter=member]", "existing")
    shown = page.eval_on_selector_all(
        "[data-group='NMC/target_merged/existing'] li [data-share]",
        "all => all.map((mark) => [mark.closest('li').dataset.key, Number(mark.dataset.share)])",
    )
    rows = duckdb.sql(
        f"select need_code, share_pct from '{release}/gaps/gap_need_by_group.parquet' where cohort_code = 'NMC' "
        "and dimension_code = 'target_merged' and member_code = 'existing' and share_pct is not null"
    ).fetchall()
    assert rows
    assert dict(shown) == dict(rows)
    page.select_option("[data-filter=theme]", "finance")
    of_theme = duckdb.sql(
        f"select count(*) from '{release}/gaps/gap_need_by_cohort.parquet' where theme_code = 'finance'"
    ).fetchone()
    needs = page.locator("[data-figure=needs] li[data-need]")
    assert (needs.count(),) == of_theme
    page.select_option("[data-filter=wave]", EARLIER)
    assert needs.first.get_attribute("data-comparison-share") == str(EARLIER_SHARE)


def test_each_question_is_shown_by_group(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/themes/monitoring/").page
    page.select_option("[data-figure=answers] [data-filter=item]", "ghg_inventory")
    page.select_option("[data-figure=answers] [data-filter=dimension]", "region")
    marks = page.eval_on_selector_all(
        "[data-answers='NMC/ghg_inventory/region'] [data-share]",
        "all => all.map(({dataset}) => [dataset.row, dataset.column, Number(dataset.n), Number(dataset.share)])",
    )
    rows = duckdb.sql(
        f"select 'NMC/' || member_code, choice_code, n, share_pct from '{release}/gaps/gap_cube.parquet' "
        "where cohort_code = 'NMC' and item_code = 'ghg_inventory' and dimension_code = 'region' "
        "and choice_kind = 'level' and n is not null"
    ).fetchall()
    assert rows
    assert sorted(map(tuple, marks)) == sorted(rows)


def test_barriers_are_shown_for_a_group_of_cities(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/findings/").page
    page.select_option("[data-figure=barriers] [data-filter=dimension]", "target_merged")
    page.select_option("[data-figure=barriers] [data-filter=member]", "existing")
    marks = page.eval_on_selector_all(
        "[data-group='NMC/target_merged/existing'] [data-share]",
        "all => all.map(({dataset}) => [dataset.row, dataset.column, Number(dataset.n)])",
    )
    rows = duckdb.sql(
        f"select 'NMC/' || item_code, choice_code, n from '{release}/gaps/gap_cube.parquet' "
        "where cohort_code = 'NMC' and starts_with(item_code, 'ch_') and dimension_code = 'target_merged' "
        "and member_code = 'existing' and choice_kind = 'level' and n is not null"
    ).fetchall()
    assert rows
    assert sorted(map(tuple, marks)) == sorted(rows)


def test_the_map_has_each_city_that_has_a_place(read: Callable[..., Opened], release: Path) -> None:
    shown = read("/cities/").page.eval_on_selector_all(
        "[data-figure=map] circle", "all => all.map((one) => one.dataset.city)"
    )
    rows = duckdb.sql(
        f"select city_name from '{release}/gaps/gap_city_place.parquet' where latitude is not null"
    ).fetchall()
    assert len(rows) > 100
    assert sorted(shown) == sorted(name for (name,) in rows)


def test_points_of_the_map_lie_where_the_cities_do(read: Callable[..., Opened]) -> None:
    found = dict(
        read("/cities/").page.eval_on_selector_all(
            "[data-figure=map] circle",
            "all => all.map((one) => [one.dataset.city, ['cx', 'cy'].map((name) => Number(one.getAttribute(name)))])",
        )
    )
    (west, _), (east, _) = found["Lisbon"], found["Helsinki"]
    (_, north), (_, south) = found["Helsinki"], found["Athens"]
    assert west < east
    assert north < south
    assert all(0 <= x <= 760 and 0 <= y <= 700 for x, y in found.values())


def test_a_need_has_a_page_of_its_own(opened: Callable[..., Opened]) -> None:
    page = opened("/needs/").page
    page.click("[data-need=funding] a")
    page.wait_for_selector("[data-figure=need]")
    assert page.inner_text("h1") == "Lack of funding and financing schemes"
    assert page.locator("[data-figure=need_services] tbody tr").count() > 0
    assert page.locator("nav a[aria-current=page]").inner_text() == "Needs side by side"


def test_a_line_is_broken_where_the_question_changed(read: Callable[..., Opened]) -> None:
    page = read("/waves/").page
    breaks = page.eval_on_selector_all(
        "[data-figure=waves] line.other[data-break]",
        "all => all.map((one) => [one.closest('li').dataset.need, one.dataset.break])",
    )
    assert len(breaks) > 20
    broken = {need for need, is_broken in breaks if is_broken == "true"}
    assert broken == {ASKED_OTHERWISE, "measuring", "capital_needs"}
    assert "= the same answers in 2024" in page.locator("[data-figure=waves] li[data-need=measuring]").inner_text()
    assert "| reworded: 2024" in page.locator("[data-figure=waves] li[data-need=measuring]").inner_text()


def test_changes_have_the_verdicts_of_the_release(read: Callable[..., Opened], releases: Path) -> None:
    page = read("/waves/").page
    shown = page.eval_on_selector_all(
        "[data-figure=changes] tbody tr",
        "all => all.map((one) => [one.dataset.need, ...[...one.querySelectorAll('td')].map((td) => td.innerText)])",
    )
    kinds = "coalesce(max(coalesce(verdict, 'hidden')) filter (where comparison_kind = '{}'), '–')"
    told = duckdb.sql(
        f"select need_code, {kinds.format('panel')}, {kinds.format('cohort')} "
        f"from '{releases}/2024.0/public/{CHANGES}' where cohort_code = 'NMC' and dimension_code = 'all' group by all"
    ).fetchall()
    assert sorted((need, panel, cohort) for need, _, panel, _, cohort in shown) == sorted(told)
    assert len({verdict for _, *verdicts in told for verdict in verdicts}) > 2


def test_indices_of_single_cities_are_not_public(read: Callable[..., Opened]) -> None:
    figure = read("/findings/").page.locator("[data-figure=indices]")
    assert figure.locator("circle").count() == 0
    assert "Not in a public release" in figure.inner_text()


def test_downloads_are_the_files_of_the_release(opened: Callable[..., Opened], release: Path, tmp_path: Path) -> None:
    page = opened("/themes/climate_target/").page
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


SVG = "{http://www.w3.org/2000/svg}"
SLIDE_SIZE = (1920, 1080)
# Figures whose slides are compared with the release: the page, and a figure of it for each way of drawing.
SLIDES = (
    ("/", "largest_needs"),
    ("/needs/", "need_groups"),
    ("/needs/funding/", "need_by_group"),
    ("/findings/", "barriers"),
    ("/waves/", "waves"),
    ("/cities/", "map"),
)


def take(page: "playwright.Page", figure: str, ending: str, folder: Path) -> list[Path]:
    """Download the slides of a figure: one, or as many as the page says."""
    started: list[playwright.Download] = []

    def note_start(download: "playwright.Download") -> None:
        started.append(download)

    page.on("download", note_start)
    with page.expect_download():
        page.click(f"[data-figure={figure}] [data-take={ending}]")
    status = page.locator(f"[data-figure={figure}] [role=status]")
    playwright.expect(status).to_contain_text("saved")
    count = int(status.inner_text().split()[0]) if status.inner_text()[0].isdigit() else 1
    while len(started) < count:
        page.wait_for_timeout(50)
    # Of more than ten downloads a second the browser drops some.
    page.wait_for_timeout(110)
    page.remove_listener("download", note_start)
    assert all(one.suggested_filename.endswith(f".{ending}") and figure in one.suggested_filename for one in started)
    for place, one in enumerate(started):
        one.save_as(folder / f"{figure}_{place}.{ending}")
    return [folder / f"{figure}_{place}.{ending}" for place in range(count)]


def slides(page: "playwright.Page", figure: str, folder: Path) -> list[ElementTree.Element]:
    """The slides of a figure, read as the SVG that was saved."""
    found = [ElementTree.parse(path).getroot() for path in take(page, figure, "svg", folder)]
    for one in found:
        assert (one.tag, one.get("width"), one.get("height")) == (f"{SVG}svg", *map(str, SLIDE_SIZE))
        assert not [node for node in one.iter() if node.tag in (f"{SVG}image", f"{SVG}foreignObject")]
    return found


def said(slide: ElementTree.Element, kind: str) -> str:
    """Words of a kind on a slide, its lines joined."""
    lines = [node.text or "" for node in slide.iter(f"{SVG}text") if node.get("class") == kind]
    return " ".join(lines).replace("\u00a0", " ")


def tenths(share: float) -> str:
    """A share as a browser writes it: Python rounds a half to the even digit."""
    return str(Decimal(share).quantize(Decimal("0.1"), ROUND_HALF_UP))


def words_on(page: "playwright.Page", place: str) -> str:
    found = page.locator(place)
    return " ".join(" ".join(found.nth(at).inner_text().split()) for at in range(found.count()))


@dataclass
class Row:
    """A row of a slide: its words, and what of it stands where on the scale, from 0 to 100."""

    label: str
    sub: str
    numbers: list[str]
    words: str
    bars: list[float]
    intervals: list[tuple[float, float]]
    bar_starts: list[float]


def rows_of(found: list[ElementTree.Element]) -> list[Row]:
    """Rows of slides, headings left out."""
    rows = []
    for column in (node for slide in found for node in slide.iter(f"{SVG}g") if node.get("class") == "column"):
        ticks = [float(node.get("x1", 0)) for node in column.iter(f"{SVG}line") if node.get("class") == "tick"]
        assert len(ticks) == 5
        scale = 100 / (ticks[4] - ticks[0])
        for row in (node for node in column.iter(f"{SVG}g") if node.get("class") == "row" and said(node, "label")):
            marks = [node for node in row.iter() if node.get("class") in ("bar", "interval")]
            of = {kind: [mark for mark in marks if mark.get("class") == kind] for kind in ("bar", "interval")}
            numbers = [node.text or "" for node in row.iter(f"{SVG}text") if node.get("class") == "number"]
            rows.append(
                Row(
                    said(row, "label"),
                    said(row, "sub"),
                    [number.replace("\u00a0", " ") for number in numbers],
                    said(row, "words"),
                    [scale * float(mark.get("width", 0)) for mark in of["bar"]],
                    [
                        (scale * (float(mark.get("x1", 0)) - ticks[0]), scale * (float(mark.get("x2", 0)) - ticks[0]))
                        for mark in of["interval"]
                    ],
                    [scale * (float(mark.get("x", 0)) - ticks[0]) for mark in of["bar"]],
                )
            )
    return rows


@pytest.mark.parametrize(("path", "figure"), SLIDES)
def test_a_slide_says_what_it_shows_of_whom_and_from_where(
    opened: Callable[..., Opened], path: str, figure: str, tmp_path: Path
) -> None:
    found = opened(path)
    page = found.page
    before = len(found.requests)
    for slide in slides(page, figure, tmp_path):
        assert said(slide, "title") == words_on(page, f"[data-figure={figure}] h2")
        assert said(slide, "page") == words_on(page, "h1")
        screen = words_on(page, f"[data-figure={figure}] .base")
        assert said(slide, "base")
        assert said(slide, "base") in screen.replace("\u00a0", " ")
        for one in page.locator(f"[data-figure={figure}] .filters select").all():
            assert one.evaluate("one => one.selectedOptions[0].textContent.trim()") in said(slide, "choice")
        assert said(slide, "source") == (
            "Source: City needs: Wave 2024, release 2024.0. The city needs warehouse authors, CC-BY-4.0."
        )
        assert "Contains synthetic data" in said(slide, "notice")
        assert said(slide, "key") or figure == "map"
        for node in slide.iter(f"{SVG}text"):
            if node.get("class"):
                assert 0 <= float(node.get("y", -1)) <= SLIDE_SIZE[1]
    assert [url for url in found.requests[before:] if not url.startswith(("blob:", "data:"))] == []


@pytest.mark.parametrize(("path", "figure"), SLIDES)
def test_a_slide_as_png_is_its_svg_at_the_same_size(
    opened: Callable[..., Opened], path: str, figure: str, tmp_path: Path
) -> None:
    page = opened(path).page
    drawings, pictures = (take(page, figure, ending, tmp_path) for ending in ("svg", "png"))
    assert len(drawings) == len(pictures)
    for drawing, picture in zip(drawings, pictures, strict=True):
        header = picture.read_bytes()[:24]
        assert header[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", header[16:24]) == SLIDE_SIZE
        files = [
            f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
            for kind, path in (("image/svg+xml", drawing), ("image/png", picture))
        ]
        differing, colours = page.evaluate(
            """async (files) => {
                const [one, other] = await Promise.all(files.map(async (file) => {
                    const image = Object.assign(new Image(1920, 1080), { src: file });
                    await image.decode();
                    const canvas = Object.assign(document.createElement('canvas'), { width: 1920, height: 1080 });
                    canvas.getContext('2d').drawImage(image, 0, 0, 1920, 1080);
                    return new Uint32Array(canvas.getContext('2d').getImageData(0, 0, 1920, 1080).data.buffer);
                }));
                return [one.filter((pixel, place) => pixel !== other[place]).length, new Set(other).size];
            }""",
            files,
        )
        assert differing < 100
        assert colours > 20


def test_slides_of_needs_show_the_shares_and_intervals_of_the_release(
    opened: Callable[..., Opened], release: Path, tmp_path: Path
) -> None:
    shown = {row.label: row for row in rows_of(slides(opened("/needs/").page, "needs", tmp_path))}
    rows = duckdb.sql(
        "select need_label, verdict, share_pct, base_n, comparison_share_pct, comparison_base_n, "
        "share_low_pct, share_high_pct, comparison_share_low_pct, comparison_share_high_pct "
        f"from '{release}/gaps/gap_need_by_cohort.parquet'"
    ).fetchall()
    assert len(rows) == 36
    assert set(shown) == {label for label, *_ in rows}
    for label, verdict, own, base, other, other_base, *bounds in rows:
        row = shown[label]
        assert row.sub == f"Verdict: {verdict or 'hidden'}", label
        told = [f"{tenths(share)} % of {n}" for share, n in ((own, base), (other, other_base)) if share is not None]
        assert [number for number in row.numbers if "%" in number] == told, label
        known = [bound for bound in bounds if bound is not None]
        assert [bound for pair in row.intervals for bound in pair] == pytest.approx(known, abs=0.1), label
    assert any(row.intervals for row in shown.values())


def test_slides_of_a_group_have_bars_of_its_shares(
    opened: Callable[..., Opened], release: Path, tmp_path: Path
) -> None:
    page = opened("/needs/").page
    page.select_option("[data-figure=need_groups] [data-filter=cohort]", "NMC")
    page.select_option("[data-figure=need_groups] [data-filter=dimension]", "target_merged")
    page.select_option("[data-figure=need_groups] [data-filter=member]", "existing")
    shown = rows_of(slides(page, "need_groups", tmp_path))
    rows = duckdb.sql(
        "select n, base_n, share_pct, share_low_pct, share_high_pct "
        f"from '{release}/gaps/gap_need_by_group.parquet' where cohort_code = 'NMC' "
        "and dimension_code = 'target_merged' and member_code = 'existing'"
    ).fetchall()
    assert len(shown) == len(rows)
    told = sorted((row.numbers[0], row.bars, row.intervals) for row in shown if row.bars)
    expected = sorted(
        (f"{tenths(share)} % ({n} of {base})", [share], [(low, high)])
        for n, base, share, low, high in rows
        if n is not None
    )
    assert len(expected) > 10
    for (number, bars, intervals), (words, shares, bounds) in zip(told, expected, strict=True):
        assert number == words
        assert bars == pytest.approx(shares, abs=0.1)
        assert intervals[0] == pytest.approx(bounds[0], abs=0.1)
    assert sum(row.numbers == ["hidden"] for row in shown) == len(rows) - len(expected)


def test_slides_of_figures_have_the_shares_of_the_release(
    opened: Callable[..., Opened], release: Path, tmp_path: Path
) -> None:
    """Bars, stacked shares and shares to both sides of a rating's middle, whose scale is half as wide."""
    kinds = set()
    for path in ("/themes/governance/", "/themes/profile/", "/findings/"):
        page = opened(path).page
        figures = page.eval_on_selector_all(
            "[data-kind]:not([data-kind=table])", "all => all.map((one) => [one.dataset.figure, one.dataset.kind])"
        )
        for name, kind in figures:
            shown = rows_of(slides(page, name, tmp_path))
            found = [width * (2 if kind == "likert" else 1) for row in shown for width in row.bars]
            found += [float(share) for row in shown for share in re.findall(r"([\d.]+) %", row.words)]
            expected = duckdb.sql(
                "select share_pct from (select distinct cohort_code, row_code, column_code, choice_code, share_pct "
                f"from '{release}/cells.parquet' where source || '_' || lpad(number::varchar, 2, '0') = '{name}') "
                "where share_pct is not null order by share_pct"
            ).fetchall()
            if kind == "bars":
                numbers = {number for row in shown for number in row.numbers if "%" in number}
                assert {tenths(share) for (share,) in expected} == {number.split()[0] for number in numbers}, name
            else:
                assert sorted(found) == pytest.approx([share for (share,) in expected], abs=0.11), name
            kinds.add(kind)
    assert kinds == {"bars", "stacked", "likert"}


def test_the_slide_of_the_waves_has_a_picture_of_each_need(
    opened: Callable[..., Opened], releases: Path, tmp_path: Path
) -> None:
    (slide,) = slides(opened("/waves/").page, "waves", tmp_path)
    panels = [node for node in slide.iter(f"{SVG}g") if node.get("class") == "panel"]
    assert len(panels) == 36
    shares = []
    for panel in panels:
        axes = [float(node.get("y1", 0)) for node in panel.iter(f"{SVG}line") if "axis" in node.get("class", "")]
        zero, hundred = max(axes), min(axes)
        for kind, height in (("circle", 0.0), ("rect", 4.0)):
            name = "cy" if kind == "circle" else "y"
            marks = [float(node.get(name, 0)) + height for node in panel.iter(f"{SVG}{kind}")]
            shares += [100 * (zero - mark) / (zero - hundred) for mark in marks]
    waves = f"'{releases}/202[34].0/public/gaps/gap_need_by_cohort.parquet'"
    expected = duckdb.sql(f"select unnest([share_pct, comparison_share_pct]) as share_pct from {waves}").fetchall()
    assert sorted(shares) == pytest.approx(sorted(share for (share,) in expected if share is not None), abs=0.1)


def test_the_slide_of_the_map_has_each_city(opened: Callable[..., Opened], release: Path, tmp_path: Path) -> None:
    (slide,) = slides(opened("/cities/").page, "map", tmp_path)
    located = duckdb.sql(
        f"select count(*) from '{release}/gaps/gap_city_place.parquet' where latitude is not null"
    ).fetchone()
    assert (len([node for node in slide.iter(f"{SVG}circle") if node.get("data-city")]),) == located
    regions = duckdb.sql(
        f"select count(*) from '{release}/gaps/gap_city_place.parquet' group by region_code"
    ).fetchall()
    assert sorted(int(number) for number in re.findall(r": (\d+)", said(slide, "key"))) == sorted(n for (n,) in regions)


def copied(page: "playwright.Page", figure: str) -> tuple[str, str]:
    """What the button of a figure puts to the clipboard: as text, and as HTML."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click(f"[data-figure={figure}] [data-take=table]")
    playwright.expect(page.locator(f"[data-figure={figure}] [role=status]")).to_have_text("Table copied.")
    text, html = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            return Promise.all(['text/plain', 'text/html'].map(async (type) => (await item.getType(type)).text()));
        }"""
    )
    return text, html


def test_a_table_is_copied_with_its_numbers_and_its_source(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/needs/").page
    text, html = copied(page, "needs")
    lines = text.splitlines()
    assert lines[0].endswith("Needs side by side")
    assert "Source: City needs: Wave 2024, release 2024.0." in text
    rows = duckdb.sql(
        "select need_label, n, base_n, round(share_pct, 1), comparison_n, comparison_base_n, "
        f"round(comparison_share_pct, 1) from '{release}/gaps/gap_need_by_cohort.parquet'"
    ).fetchall()
    table = {cells[0]: cells for cells in (line.split("\t") for line in lines) if len(cells) > 5}
    for label, n, base, share, other_n, other_base, other in rows:
        cells = table[label]
        for (count, of, percent), shown in (((n, base, share), cells[1:4]), ((other_n, other_base, other), cells[6:9])):
            if percent is not None:
                assert [float(one) for one in shown] == [count, of, percent], label
    headings = page.evaluate(
        """(html) => [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('tr th:first-child')]
            .map((cell) => cell.textContent)""",
        html,
    )
    assert {label for label, *_ in rows} <= set(headings)


def test_a_report_table_is_copied_as_it_stands(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/themes/profile/").page
    figure = page.get_attribute("[data-kind]", "data-figure")
    text, _ = copied(page, figure)
    cells = duckdb.sql(
        f"select row_label, n from '{release}/cells.parquet' "
        f"where source || '_' || lpad(number::varchar, 2, '0') = '{figure}' and n is not null"
    ).fetchall()
    assert cells
    for label, n in cells:
        assert any(label in line and re.search(rf"\b{n}\b", line) for line in text.splitlines()), (label, n)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Overview – City needs 2024"),
        ("/waves/", "Waves – City needs 2024"),
        ("/themes/finance/", "Theme: Finance and business model – City needs 2024"),
        ("/needs/funding/", "Need: Lack of funding and financing schemes – City needs 2024"),
        ("/documents/models.html", "Models and lineage – City needs 2024"),
    ],
)
def test_each_kind_of_page_has_a_title_of_its_own(read: Callable[..., Opened], path: str, title: str) -> None:
    page = read(path).page
    assert page.title() == title
    # Whoever previews a link runs no script.
    assert f"<title>{title}</title>" in page.request.get(page.url).text()


@pytest.mark.parametrize("path", CHAPTERS)
def test_numbers_that_are_mostly_hidden_are_folded_with_the_reason(
    read: Callable[..., Opened], path: str, release: Path
) -> None:
    page = read(path).page
    told = dict(
        page.eval_on_selector_all(
            "[data-kind]",
            """all => all.map((one) => {
                const folded = one.querySelector('[data-mostly-hidden]');
                return [one.dataset.figure, folded && [folded.open, folded.querySelector('summary').textContent]];
            })""",
        )
    )
    counts = duckdb.sql(
        "select source || '_' || lpad(number::varchar, 2, '0'), count(*), count(*) filter (obs_status = 'Q') "
        f"from '{release}/cells.parquet' group by all"
    ).fetchall()
    for name, cells, hidden in counts:
        if name in told:
            assert bool(told[name]) == (hidden > cells / 2), name
            if told[name]:
                is_open, words = told[name]
                assert not is_open
                assert "numbers here are hidden to protect single cities" in words
                assert f"({hidden} of {cells})" in words


@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize(
    ("path", "chart"), [("/needs/", ".gaps"), ("/needs/", ".bars"), ("/themes/governance/", ".stacked")]
)
def test_a_chart_has_a_scale_below_it_and_says_what_its_marks_mean(
    read: Callable[..., Opened], path: str, chart: str, viewport: str
) -> None:
    page = read(path, viewport).page
    found = page.eval_on_selector_all(
        f"main {chart}:not(.axis-line)",
        """all => all.filter((one) => one.querySelector('.track') && !one.closest('details')).map((one) => {
            const box = (element) => { const { left, right } = element.getBoundingClientRect(); return [left, right] };
            const marks = [...one.nextElementSibling.querySelectorAll('.ticks span')];
            return [
                box(one.querySelector('.track')), box(marks[0].parentElement),
                marks.map((mark) => [mark.textContent, ...box(mark)]),
                one.previousElementSibling.textContent, Boolean(one.querySelector('.interval'))
            ];
        })""",
    )
    assert found
    for track, scale, ticks, legend, has_intervals in found:
        assert scale == pytest.approx(track, abs=1)
        assert [words.replace("\u00a0", " ") for words, *_ in ticks] in (
            ["0 %", "25 %", "50 %", "75 %", "100 %"],
            ["100 %", "50 %", "0 %", "50 %", "100 %"],
        )
        assert all(right <= left for (_, _, right), (_, left, _) in pairwise(ticks))
        assert ("Interval at 95 %" in legend) == has_intervals


def test_groups_that_are_mostly_hidden_are_folded_and_others_are_not(
    opened: Callable[..., Opened], release: Path
) -> None:
    page = opened("/needs/funding/").page
    page.select_option("[data-figure=need_by_group] [data-filter=cohort]", "MC")
    folded = page.eval_on_selector_all(
        "[data-figure=need_by_group] [data-group]",
        "all => all.map((one) => [one.dataset.group, one.querySelector('[data-mostly-hidden]') !== null])",
    )
    expected = duckdb.sql(
        "select cohort_code || '/' || dimension_code, count(*) filter (share_pct is null and obs_status = 'Q') > "
        f"count(*) / 2 from '{release}/gaps/gap_need_by_group.parquet' where need_code = 'funding' "
        "and cohort_code = 'MC' group by all"
    ).fetchall()
    assert len(expected) > 2
    assert sorted(map(tuple, folded)) == sorted(expected)


def test_waves_of_all_needs_stand_on_one_screen(read: Callable[..., Opened]) -> None:
    page = read("/waves/").page
    box = page.locator("[data-figure=waves] .moves").bounding_box()
    assert page.locator("[data-figure=waves] .moves > li").count() == 36
    assert box["height"] <= VIEWPORTS["desktop"][1]
    cut = page.eval_on_selector_all(
        "[data-figure=waves] svg text",
        """all => all.filter((one) => {
            const [box, whole] = [one, one.ownerSVGElement].map((element) => element.getBoundingClientRect());
            return box.left < whole.left - 1 || box.right > whole.right + 1;
        }).map((one) => one.textContent)""",
    )
    assert cut == []


def test_the_overview_tells_of_use_and_of_who_answered(read: Callable[..., Opened], releases: Path) -> None:
    gaps = releases / "2024.0" / "public" / "gaps"
    page = read("/").page
    page.select_option("[data-figure=most_used] [data-filter=cohort]", "NMC")
    shown = page.eval_on_selector_all(
        "[data-figure=most_used] [data-key]",
        "all => all.map((one) => [one.dataset.key, Number(one.querySelector('[data-share]').dataset.share)])",
    )
    used = duckdb.sql(
        f"select service_code, share_pct from '{gaps}/gap_service_usage.parquet' where cohort_code = 'NMC' "
        "and dimension_code = 'all' and position = 1 order by share_pct desc nulls last, service_label limit 5"
    ).fetchall()
    assert len(used) == 5
    assert [tuple(one) for one in shown] == used
    invited, responded, stayed, earlier = duckdb.sql(
        f"select invited_n, responded_n, stayed_n, earlier_n from '{gaps}/gap_response_rate.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all'"
    ).fetchone()
    words = page.inner_text("[data-figure=in_short] [data-rate=NMC]")
    assert f"{responded} of {invited} invited cities answered; {stayed} of the {earlier}" in words
    verdicts = duckdb.sql(
        f"select coalesce(verdict, 'hidden'), count(*) from '{gaps}/gap_need_change.parquet' where cohort_code = 'NMC' "
        "and dimension_code = 'all' and comparison_kind = 'cohort' group by all"
    ).fetchall()
    words = page.inner_text("[data-figure=in_short] [data-changes=NMC]")
    assert f"of {sum(n for _, n in verdicts)} needs" in words
    assert all(f"{n} {verdict}" in words for verdict, n in verdicts)
    questions = duckdb.sql(
        "select labels.parent_code, count(distinct cube.item_code)::varchar "
        f"from '{gaps}/gap_cube.parquet' as cube inner join '{gaps}/gap_label.parquet' as labels "
        "on labels.label_kind in ('item', 'dimension') and labels.code = cube.item_code "
        "where cube.choice_kind = 'level' group by all"
    ).fetchall()
    asked = page.eval_on_selector_all(
        "[data-figure=asked] [data-theme]",
        "all => all.map((one) => [one.dataset.theme, one.innerText.match(/: (\\d+) question/)[1]])",
    )
    assert sorted(map(tuple, asked)) == sorted(questions)


def without_pairs(route: "playwright.Route") -> None:
    """The answer to a query as in a wave whose cohorts were not asked the same."""
    table = pa.ipc.open_stream(route.fetch().body()).read_all()
    fulfil(route, table.schema.empty_table() if "comparison_cohort_label" in table.column_names else table)


def test_the_overview_of_a_wave_without_pairs_tells_the_barriers_that_most_cities_rate_high(
    browser: "playwright.Browser", address: str, release: Path
) -> None:
    page = browser.new_page()
    page.route("**/prerendered_queries/*.arrow", without_pairs)
    page.goto(address, wait_until="networkidle")
    page.select_option("[data-figure=largest_barriers] [data-filter=cohort]", "NMC")
    shown = page.eval_on_selector_all(
        "[data-figure=largest_barriers] [data-key]",
        "all => all.map((one) => [one.dataset.key, Number(one.querySelector('[data-share]').dataset.share)])",
    )
    page.close()
    expected = duckdb.sql(
        f"select item_code, ranked_value from '{release}/gaps/gap_ranking.parquet' where item_set = 'barriers' "
        "and cohort_code = 'NMC' and dimension_code = 'all' and ranking_measure <> 'mean' and least_need_level = 4 "
        "and n is not null order by item_rank, item_label limit 5"
    ).fetchall()
    assert len(expected) == 5
    assert [tuple(one) for one in shown] == expected


def test_the_keyboard_reaches_the_content_first(opened: Callable[..., Opened]) -> None:
    page = opened("/needs/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"


def test_the_overview_ranks_needs_of_its_own_wave_among_those_asked_alike(
    read: Callable[..., Opened], release: Path
) -> None:
    page = read("/").page
    table = f"'{release}/gaps/gap_need_by_cohort.parquet'"
    (needs,) = duckdb.sql(f"select count(*) from {table}").fetchone()
    assert f"{needs} needs and barriers" in page.inner_text(".cards").replace("\n", " ")
    lists = page.eval_on_selector_all(
        "[data-figure=largest_needs] [data-evidence]",
        """all => all.map((one) => [one.dataset.evidence,
            [...one.children].map((li) => [li.dataset.key, li.innerText])])""",
    )
    assert len(lists) > 1
    for kind, rows in lists:
        expected = duckdb.sql(
            "select need_code, comparison_share_pct, comparison_n, comparison_base_n, comparison_evidence "
            f"from {table} where comparison_evidence_kind = '{kind}' and comparison_share_pct is not null "
            "order by comparison_share_pct desc, need_label limit 5"
        ).fetchall()
        assert [code for code, _ in rows] == [code for code, *_ in expected]
        for (_, words), (_, share, n, base, evidence) in zip(rows, expected, strict=True):
            assert f"{share:.1f}" in words
            assert f"{n} of {base} cities" in words
            assert evidence in words
    first = page.locator("[data-figure=largest_needs] li[data-need]").first
    assert first.get_attribute("data-need") == lists[0][1][0][0]


def test_coverage_of_needs_is_that_of_the_release(opened: Callable[..., Opened], release: Path) -> None:
    coverage = f"'{release}/gaps/gap_service_coverage.parquet' where dimension_code = 'all'"
    page = opened("/services/").page
    for cohort in page.eval_on_selector_all(
        "[data-figure=services] [data-filter=cohort] option", "all => all.map((one) => one.value)"
    ):
        page.select_option("[data-figure=services] [data-filter=cohort]", cohort)
        expected = duckdb.sql(
            "select coalesce(verdict_code, 'hidden'), count(distinct need_code), coalesce(verdict, 'hidden') "
            f"from {coverage} and cohort_code = '{cohort}' group by all"
        ).fetchall()
        assert len(expected) > 1
        shown = page.eval_on_selector_all(
            "[data-figure=services] .verdicts li",
            "all => all.map((one) => [one.dataset.verdict, Number(one.dataset.needs), one.innerText])",
        )
        assert sorted(shown) == sorted([code, n, f"{n} {label}"] for code, n, label in expected)
        needs = sum(n for _, n, _ in expected)
        assert f": {needs} needs." in page.inner_text("[data-figure=services] .base")
        cells = page.eval_on_selector_all(
            "[data-figure=services] tbody tr",
            "all => all.map((row) => [row.querySelector('a').pathname.split('/').filter(Boolean).at(-1), "
            "row.children[2].innerText, row.children[3].innerText])",
        )
        words = duckdb.sql(
            "select distinct need_code, coalesce(verdict, 'hidden'), "
            "if(services_n > 0, open_services_n || ' of ' || services_n || ' exist', 'none') "
            f"from {coverage} and cohort_code = '{cohort}'"
        ).fetchall()
        assert sorted(map(tuple, cells)) == sorted(words)


def test_services_are_shown_as_they_are_in_the_wave(opened: Callable[..., Opened], release: Path) -> None:
    page = opened("/services/").page
    page.select_option("[data-figure=services_by_need] [data-filter=verdict]", "planned_only")
    rows = page.eval_on_selector_all(
        "[data-figure=services_by_need] tbody tr",
        "all => all.map((row) => [...row.children].map((cell) => cell.innerText))",
    )
    expected = duckdb.sql(
        "select service_label, replace(service_status, '_', ' ') || coalesce(', launch: ' || launched_on, ''), verdict "
        f"from '{release}/gaps/gap_service_coverage.parquet' where dimension_code = 'all' and cohort_code = 'NMC' "
        "and verdict_code = 'planned_only'"
    ).fetchall()
    assert ("NetZeroCities Community of Practice", "planned, launch: autumn 2024", "planned only") in expected
    assert sorted((row[3], row[4], row[7]) for row in rows) == sorted(expected)
    text = page.inner_text("[data-figure=services_by_need] .base")
    (lines,) = duckdb.sql(
        f"select count(*) from '{release}/gaps/gap_service_coverage.parquet' where dimension_code = 'all' "
        "and cohort_code = 'NMC'"
    ).fetchone()
    assert f"{len(expected)} of {lines} lines" in text


@pytest.mark.parametrize(("need", "verdict"), [("ppp", "planned only"), ("market", "not covered")])
def test_a_need_s_page_tells_whether_it_is_covered(opened: Callable[..., Opened], need: str, verdict: str) -> None:
    page = opened(f"/needs/{need}/").page
    page.select_option("[data-figure=need_services] [data-filter=cohort]", "NMC")
    assert page.inner_text("[data-figure=need_services] [data-coverage]") == verdict


def test_counts_that_a_page_makes_are_those_of_the_release(read: Callable[..., Opened], release: Path) -> None:
    def count(query: str) -> tuple[int, ...]:
        return duckdb.sql(query).fetchone()

    def text(path: str, place: str) -> str:
        return read(path).page.locator(place).first.inner_text().replace("\n", " ")

    cards = text("/", ".cards")
    answered = duckdb.sql(
        "select labels.label, cube.base_n from (select cohort_code, max(base_n) as base_n "
        f"from '{release}/gaps/gap_cube.parquet' where dimension_code = 'all' and choice_kind = 'level' group by all) "
        f"as cube inner join '{release}/gaps/gap_label.parquet' as labels "
        "on label_kind = 'cohort' and code = cohort_code where cohort_code in (select unnest([cohort_code, "
        f"comparison_cohort_code]) from '{release}/gaps/gap_need_by_cohort.parquet')"
    ).fetchall()
    assert len(answered) == 2
    assert all(f"{base} {label} answered" in cards for label, base in answered)
    (errata,) = count(f"select count(*) from '{release}/gaps/gap_errata.parquet'")
    assert f"{errata} contradictions" in cards
    assert text("/errata/", "[data-figure=errata] .base") == f"{errata} of {errata} contradictions."
    (needs,) = count(f"select count(*) from '{release}/gaps/gap_need_by_cohort.parquet'")
    assert f"{needs} of {needs} needs" in text("/needs/", "[data-figure=needs] .base")
    cells, hidden = count(f"select count(*), count(*) filter (obs_status = 'Q') from '{release}/cells.parquet'")
    assert f"Of the {cells} numbers in the report's tables and figures, {hidden} are hidden" in text(
        "/methods/", "main"
    )
    addressed, planned = count(
        "select count(distinct need_code) filter (services_n > 0), count(distinct need_code) filter (verdict_code = "
        f"'planned_only') from '{release}/gaps/gap_service_coverage.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all'"
    )
    assert f"Of the {addressed} needs that services address, {planned} have planned services only" in text(
        "/methods/", "main"
    )
    regions = duckdb.sql(
        f"select region_code, count(*) from '{release}/gaps/gap_city_place.parquet' group by all"
    ).fetchall()
    rows = read("/cities/").page.eval_on_selector_all(
        "[data-figure=map] [data-region]",
        "all => all.map((one) => [one.dataset.region, Number(one.children[1].innerText)])",
    )
    assert sorted(map(tuple, rows)) == sorted((code or "missing", n) for code, n in regions)
    assert f": {sum(n for _, n in regions)} by name" in text("/cities/", "[data-figure=map] .base")


@pytest.mark.parametrize("path", CHAPTERS)
def test_bases_and_hidden_numbers_of_a_figure_are_those_of_the_release(
    read: Callable[..., Opened], path: str, release: Path
) -> None:
    shown = read(path).page.eval_on_selector_all(
        "[data-kind]",
        """all => all.map((one) => [one.dataset.figure, one.querySelector('.base').innerText,
            one.querySelector('.hidden-note')?.innerText ?? ''])""",
    )
    assert shown
    for name, base, note in shown:
        least, most, hidden, cells = duckdb.sql(
            "select min(base_n), max(base_n), count(*) filter (obs_status = 'Q'), count(*) "
            f"from '{release}/cells.parquet' where source || '_' || lpad(number::varchar, 2, '0') = '{name}'"
        ).fetchone()
        told = "not shown" if least is None else str(least) if least == most else f"{least} to {most}"
        assert f"Base: n = {told} cities." in base, name
        assert (f"{hidden} of {cells} numbers are hidden" in note) == bool(hidden), name


def levels_of_need(release: Path) -> dict[tuple[str, str], dict[str, tuple[float, bool]]]:
    """Level of need of each column, and whether it is hidden, of each row of a figure of ratings."""
    rows: dict[tuple[str, str], dict[str, tuple[float, bool]]] = {}
    for figure, row, column, level, is_hidden in duckdb.sql(
        "select source || '_' || lpad(number::varchar, 2, '0'), cells.cohort_code || '/' || row_code, column_code, "
        f"need_level, cells.obs_status = 'Q' from '{release}/cells.parquet' as cells "
        f"inner join '{release}/gaps/gap_label.parquet' as labels on label_kind = 'choice' "
        "and parent_code = item_code and code = choice_code where need_level is not null"
    ).fetchall():
        rows.setdefault((figure, row), {})[column] = (level, is_hidden)
    return rows


def test_a_bar_diverges_only_where_what_is_hidden_is_on_one_side(read: Callable[..., Opened], release: Path) -> None:
    levels, untold, drawn_rows = levels_of_need(release), 0, 0
    for path in CHAPTERS:
        lines = read(path).page.eval_on_selector_all(
            "[data-kind=likert] .diverging > li",
            """all => all.map((line) => [line.closest('[data-figure]').dataset.figure, line.dataset.line,
                line.querySelector('[data-untold]') !== null,
                [...line.querySelectorAll('.part')].slice(1).map((part) => part.dataset.column ?? 'rest')])""",
        )
        for figure, row, is_untold, parts in lines:
            cells = levels[figure, row]
            sides = {(level > 3) - (level < 3) for level, is_hidden in cells.values() if is_hidden}
            if all(is_hidden for _, is_hidden in cells.values()):
                continue
            assert is_untold == (len(sides) > 1), (figure, row)
            untold += is_untold
            if len(sides) == 1 and "rest" in parts:
                (side,) = sides
                place = parts.index("rest")
                assert all((cells[one][0] > 3) - (cells[one][0] < 3) <= side for one in parts[:place]), (figure, row)
                assert all((cells[one][0] > 3) - (cells[one][0] < 3) >= side for one in parts[place + 1 :])
                drawn_rows += 1
    assert untold > 0
    assert drawn_rows > 0


def test_a_colour_means_the_same_need_on_every_chart(read: Callable[..., Opened], release: Path) -> None:
    """Figure 24 runs the other way: 1 is highly valuable."""
    levels = levels_of_need(release)
    colours: dict[float, set[str]] = {}
    figures = set()
    for path in CHAPTERS:
        marks = read(path).page.eval_on_selector_all(
            "[data-kind=likert] .part[data-column]",
            """all => all.map((one) => [one.closest('[data-figure]').dataset.figure, one.dataset.row,
                one.dataset.column, getComputedStyle(one).backgroundColor])""",
        )
        for figure, row, column, colour in marks:
            colours.setdefault(levels[figure, row][column][0], set()).add(colour)
            figures.add(figure)
    assert "figure_24" in figures
    assert {level: len(found) for level, found in colours.items()} == dict.fromkeys((1, 2, 3, 4, 5), 1)
    assert len(set.union(*colours.values())) == 5


def test_a_region_has_one_colour_on_map_and_charts(read: Callable[..., Opened]) -> None:
    key = "all => all.map((one) => [one.innerText.trim(), getComputedStyle(one.querySelector('.key')).backgroundColor])"
    of_map = dict(read("/cities/").page.eval_on_selector_all("[data-figure=map] [data-region] th", key))
    of_chart = dict(read("/themes/profile/").page.eval_on_selector_all("[data-figure=figure_03] .legend li", key))
    assert len(of_map) == 4
    assert of_chart == of_map


def test_a_share_stands_beside_its_own_base(read: Callable[..., Opened], release: Path) -> None:
    """Table 4: of 112 cities 100 gave a year, and of these 14 a year after 2030."""
    found = 0
    for path in CHAPTERS:
        tables = read(path).page.eval_on_selector_all(
            "[data-figure] table",
            """all => all.map((table) => [table.closest('[data-figure]').dataset.figure,
                [...table.querySelectorAll('tbody tr')].map((row) => [row.dataset.base ?? '',
                    [...(row.dataset.cell ? [row] : row.querySelectorAll('[data-cell]'))].map(
                        (cell) => [cell.dataset.cell, cell.textContent])])])""",
        )
        for name, rows in tables:
            bases = {
                f"{cohort}/{row}/{column}": (n, base)
                for cohort, row, column, n, base in duckdb.sql(
                    "select cohort_code, row_code, column_code, n, base_n "
                    f"from '{release}/cells.parquet' where source || '_' || lpad(number::varchar, 2, '0') = '{name}' "
                    "and obs_status <> 'Q' and choice_code is not null"
                ).fetchall()
            }
            for base, cells in rows:
                for key, words in cells:
                    if key in bases:
                        n, own = bases[key]
                        assert base == str(own) or f"{n} of {own}" in words, (name, key)
                        found += 1
    assert found > 100


def test_each_table_and_figure_is_shown_on_one_page(read: Callable[..., Opened], release: Path) -> None:
    shown = [
        name
        for path in CHAPTERS
        for name in read(path).page.eval_on_selector_all("[data-kind]", "all => all.map((one) => one.dataset.figure)")
    ]
    rows = duckdb.sql(
        f"select distinct source || '_' || lpad(number::varchar, 2, '0') from '{release}/cells.parquet'"
    ).fetchall()
    assert sorted(shown) == sorted(name for (name,) in rows)


def without_rows(route: "playwright.Route") -> None:
    """The answer to a query as it would be if its tables had no rows."""
    table = pa.ipc.open_stream(route.fetch().body()).read_all()
    if table.column_names == ["rowCount"]:
        table = table.set_column(0, table.schema.field(0), pa.array([0], table.schema.field(0).type))
    elif "column_name" not in table.column_names:
        table = table.schema.empty_table()
    fulfil(route, table)


def fulfil(route: "playwright.Route", table: pa.Table) -> None:
    answer = pa.BufferOutputStream()
    with pa.ipc.new_stream(answer, table.schema) as stream:
        stream.write_table(table)
    route.fulfill(body=answer.getvalue().to_pybytes())


def test_pages_hold_without_rows(browser: "playwright.Browser", address: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/prerendered_queries/*.arrow", without_rows)
    # One theme's page is like another's without rows.
    for path in (path for path in PAGES if path not in CHAPTERS[1:-1]):
        page.goto(f"{address}{path}", wait_until="networkidle")
        assert page.locator("h1").count() == 1, path
        assert page.locator("li[data-need], [data-kind], [data-filter=cohort] option, [data-city]").count() == 0, path
        # What a wave without a mapping of initiatives shows of support.
        assert path != "/support/" or find_barriers(page) == []
    page.close()
    assert complaints == []


def test_another_deployment_has_a_site_with_the_names_of_its_own_cohorts(
    cdp: Deployment, browser: "playwright.Browser", tmp_path: Path
) -> None:
    pages = (*(path for path in PAGES if "s/" not in path[1:-1]), "/themes/disclosure/", "/needs/inventory/")
    with served_site(cdp, cdp.releases, tmp_path / "sites", "--internal") as address:
        found = {path: look(browser, address, path) for path in pages}
    assert {path: one.complaints for path, one in found.items() if one.complaints} == {}
    foreign = set(cohort_labels(PROJECT_ROOT / "seeds")) - set(cohort_labels(cdp.seeds))
    assert "Non-Mission Cities" in foreign
    day = date.fromisoformat(str(ReleaseStore(str(cdp.releases)).published_on("2018.0")))
    for path, one in found.items():
        assert one.page.locator("h1").count() == 1, path
        assert f"published {day.day} {day:%B %Y}" in one.page.inner_text("footer"), path
        assert "must not be passed on" in one.page.inner_text("[data-internal]"), path
        assert one.page.title().startswith("INTERNAL: "), path
        assert "CC-BY" not in one.page.inner_text("footer"), path
        one.page.emulate_media(media="print")
        assert one.page.locator("[data-internal]").is_visible(), path
        one.page.emulate_media(media="screen")
        assert [label for label in foreign if label in one.page.content()] == [], path
    for slide in slides(found["/needs/"].page, "needs", tmp_path):
        assert "must not be passed on" in said(slide, "warning")
        assert "CC-BY" not in said(slide, "source")
        assert f"release 2018.0, {day.day} {day:%B %Y}." in said(slide, "source")
    assert "38 Mission Cities answered" in found["/"].page.inner_text(".cards").replace("\n", " ")
    assert found["/"].page.inner_text("[data-figure=largest_needs] h2") == "What Other European cities name most"
    assert found["/needs/"].page.inner_text("h1") == "Needs of Mission Cities and Other European cities"
    assert found["/needs/inventory/"].page.inner_text("h2 >> nth=0") == "Mission Cities and Other European cities"
    choice = "[data-figure=services] [data-filter=cohort] option"
    assert found["/services/"].page.locator(choice).all_inner_texts() == cohort_labels(cdp.seeds)
    assert found["/themes/disclosure/"].page.locator("[data-kind]").count() == 2


def cohort_labels(seeds: Path) -> list[str]:
    with (seeds / "cohorts.csv").open(encoding="utf-8", newline="") as file:
        return [row["label"] for row in csv.DictReader(file)]


def test_coverage_of_each_need_is_that_of_the_release(read: Callable[..., Opened], with_support: Path) -> None:
    rows = duckdb.sql(
        "select need_code, verdict, share_pct, base_n, without_support_n, with_support_n + without_support_n "
        f"from '{with_support}/gaps/gap_support_coverage.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all'"
    ).fetchall()
    page = read("/support/").page
    shown = page.eval_on_selector_all(
        "[data-figure=support] tbody tr",
        "all => all.map(({ dataset, cells }) => "
        "[dataset.need, dataset.verdict, ...[...cells].map((cell) => cell.innerText)])",
    )
    assert len(rows) > 20
    assert {(need, verdict) for need, verdict, *_ in shown} == {(need, verdict) for need, verdict, *_ in rows}
    told = {need: (cells[1].replace("\u00a0", " "), cells[-1]) for need, _, *cells in shown}
    for need, _, share, base, alone, in_need in rows:
        assert told[need][0] == ("hidden" if share is None else f"{share:.1f} % of {base}"), need
        if alone is not None:
            assert told[need][1] == f"{alone} of {in_need}", need
    text = page.inner_text("[data-figure=support] .base")
    assert f"{len(rows)} of {len(rows)} needs" in text


def test_participation_shows_the_shares_of_the_release(read: Callable[..., Opened], with_support: Path) -> None:
    (share,) = duckdb.sql(
        f"select share_pct from '{with_support}/gaps/gap_initiative_by_cohort.parquet' where cohort_code = 'EOI' "
        "and dimension_code = 'all' and item_code = 'participates' and choice_code = 'covenant_of_mayors'"
    ).fetchone()
    page = read("/initiatives/covenant_of_mayors/").page
    page.select_option("[data-figure=initiative] [data-filter=cohort]", "EOI")
    shown = page.get_attribute("[data-group='EOI/all'] [data-share]", "data-share")
    assert float(shown) == share


def test_partnerships_and_self_reports_show_the_counts_of_the_release(
    read: Callable[..., Opened], with_support: Path
) -> None:
    page = read("/support/").page
    page.select_option("[data-figure=partnerships] [data-filter=cohort]", "NMC")
    page.select_option("[data-figure=self_reports] [data-filter=cohort]", "NMC")
    reached = duckdb.sql(
        "select distinct initiative_code, reached_n, reached_base_n "
        f"from '{with_support}/gaps/gap_partnership.parquet' where cohort_code = 'NMC'"
    ).fetchall()
    for code, n, base in reached:
        text = page.inner_text(f"[data-figure=partnerships] [data-initiative={code}]")
        assert f"{n} of {base}" in text if n is not None else "hidden" in text, code
    said = duckdb.sql(
        "select item_code || '/' || choice_code, says_and_listed_n, says_not_listed_n, listed_not_said_n, neither_n "
        f"from '{with_support}/gaps/gap_self_report.parquet' where cohort_code = 'NMC' and neither_n is not null"
    ).fetchall()
    shown = page.eval_on_selector_all(
        "[data-figure=self_reports] tbody tr",
        "all => all.map(({ dataset, cells }) => "
        "[dataset.said, ...[...cells].slice(2, 6).map((cell) => Number(cell.innerText))])",
    )
    assert said
    assert sorted(map(tuple, shown)) == sorted(said)


def test_who_else_helps_is_told_on_the_page_of_a_need(read: Callable[..., Opened], with_support: Path) -> None:
    (verdict,) = duckdb.sql(
        f"select verdict from '{with_support}/gaps/gap_support_coverage.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all' and need_code = 'funding'"
    ).fetchone()
    page = read("/needs/funding/").page
    assert page.get_attribute("[data-figure=need_support] .base", "data-verdict") == verdict
    assert page.locator("[data-figure=need_support] [data-initiative=eib]").count() == 1


BUILT = "/tables/?item=plans&cohort=NMC&dimension=region&and_dimension=size_merged"


def cells_of_plans(release: Path) -> dict[str, tuple[int | None, float | None]]:
    """Count and share of each group and answer that BUILT asks for, by `dimension/member/choice`."""
    rows = duckdb.sql(
        "select dimension_code || '/' || member_code || '/' || choice_code, n, share_pct "
        f"from '{release}/gaps/gap_cube.parquet' where item_code = 'plans' and cohort_code = 'NMC' "
        "and dimension_code in ('all', 'region', 'size_merged') and choice_kind = 'level'"
    ).fetchall()
    return {cell: (n, share) for cell, n, share in rows}


def test_a_built_table_has_the_numbers_of_the_release_and_no_hidden_one(
    opened: Callable[..., Opened], release: Path
) -> None:
    found = opened(BUILT)
    shown = found.page.eval_on_selector_all(
        "[data-built='2024/NMC'] [data-cell]",
        "all => all.map((cell) => [cell.dataset.cell, cell.dataset.n ?? null, cell.innerText])",
    )
    expected = cells_of_plans(release)
    assert {n is None for n, _ in expected.values()} == {True, False}
    assert {cell for cell, *_ in shown} == set(expected)
    for cell, n, text in shown:
        count, share = expected[cell]
        assert (n, text.split("\n")[0].strip().replace("\u00a0", " ")) == (
            (None, "hidden") if count is None else (str(count), f"{tenths(share)} %")
        ), cell
    # Only the part of the cube that is asked for is loaded.
    assert [url.rpartition("/")[2] for url in found.requests if "/parts/" in url] == ["plans.json"]
    assert found.page.locator("[data-built]").count() == 1


def test_a_built_table_is_downloaded_as_it_is_shown(opened: Callable[..., Opened], release: Path) -> None:
    page = opened(BUILT).page
    with page.expect_download() as started:
        page.click("[data-figure=builder] button")
    assert started.value.suggested_filename == "city-needs-2024.0-plans-by-region-by-size_merged.csv"
    rows = list(csv.DictReader(io.StringIO(Path(started.value.path()).read_text(encoding="utf-8-sig"))))
    expected = cells_of_plans(release)
    assert len(rows) == len(expected)
    assert {(row["wave"], row["cohort"], row["question"]) for row in rows} == {
        ("2024", "Non-Mission Cities", "Plans in place")
    }
    counted = sorted(int(row["n"]) for row in rows if row["n"])
    assert counted == sorted(n for n, _ in expected.values() if n is not None)
    hidden = [row for row in rows if row["note"] == "hidden"]
    assert len(hidden) == sum(n is None for n, _ in expected.values())
    assert {row[name] for row in hidden for name in ("n", "share_pct", "share_low_pct", "share_high_pct")} == {""}


def test_a_link_to_a_view_shows_the_same_in_another_browser(opened: Callable[..., Opened]) -> None:
    page = opened("/tables/").page
    chosen = {"item": "target_merged", "cohort": "NMC", "wave": "every", "dimension": "region", "show": "interval"}
    for name, code in chosen.items():
        page.select_option(f"[data-filter={name}]", code)
        page.wait_for_load_state("networkidle")
    figure = page.inner_text("[data-figure=builder]")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("text=Copy link to this view")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    other = opened(link.removeprefix(page.evaluate("location.origin"))).page
    assert other.inner_text("[data-figure=builder]") == figure
    assert {name: other.input_value(f"[data-filter={name}]") for name in chosen} == chosen
    assert other.locator("[data-built='2023/NMC']").count() == other.locator("[data-built='2024/NMC']").count() == 1


def test_filters_are_kept_from_page_to_page_and_fit_each(opened: Callable[..., Opened]) -> None:
    page = opened("/needs/").page
    for name, code in {"cohort": "NMC", "dimension": "region", "member": "southern", "theme": "finance"}.items():
        page.select_option(f"[data-figure] [data-filter={name}]", code)
    # A page that is left before it is there is none to go back to.
    page.click("nav >> text=Use of services")
    page.wait_for_selector("h1 >> text=Use of services")
    page.click("nav >> text=Climate target")
    page.wait_for_selector("[data-figure=answers]")
    kept = [page.input_value(f"[data-figure=answers] [data-filter={name}]") for name in ("cohort", "dimension")]
    assert kept == ["NMC", "region"]
    # What belongs to a page stays there.
    assert page.url.endswith("?cohort=NMC&dimension=region&member=southern")
    page.go_back()
    page.wait_for_selector("h1 >> text=Use of services")
    page.go_back()
    page.wait_for_selector("[data-figure=need_groups]")
    assert page.input_value("[data-filter=theme]") == "finance"
    assert page.locator("[data-group='NMC/region/southern']").count() == 1
    # A code that nothing has is no choice.
    unknown = opened("/needs/?cohort=nobody&dimension=%3Cb%3E&wave=1999")
    assert unknown.complaints == []
    assert unknown.page.input_value("[data-figure=needs] [data-filter=wave]") == "2024"


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_search_is_used_by_keyboard(opened: Callable[..., Opened], viewport: str) -> None:
    page = opened("/needs/funding/?cohort=NMC", viewport).page
    box = page.locator("[role=combobox]")
    box.focus()
    box.press_sequentially("SECÁP")
    page.wait_for_selector("[data-found]")
    found = page.eval_on_selector_all("[data-found]", "all => all.map((one) => one.innerText.replace(/\\s+/g, ' '))")
    assert found == ["Answer SECAP/SEAP Plans in place"]
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("[data-found]", "aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-built='2024/NMC']")
    assert page.inner_text("[data-figure=builder] h2") == "Plans in place"
    for typed, kind, path in (
        ("lack of funding", "Need", "/needs/"),
        ("waves", "Page", "/waves"),
        ("covenant", "Initiative", "/initiatives/covenant_of_mayors"),
        ("cohort", "Term", "/methods#glossary"),
    ):
        box.fill(typed)
        page.wait_for_selector(f"[data-found^='{path}'] >> text={kind}")
    box.fill("xyzzy")
    assert "Nothing found" in page.inner_text(".results")
    page.keyboard.press("Escape")
    assert page.locator("[data-found]").count() == 0


def test_when_cities_were_asked_and_what_words_mean_is_told(read: Callable[..., Opened], release: Path) -> None:
    page = read("/methods/").page
    assert "Cities were asked from 25 November 2021 to 17 May 2024" in page.inner_text("footer")
    defined = duckdb.sql(
        f"select label, definition from '{release}/gaps/gap_label.parquet' where definition is not null "
        "and (label_kind in ('cohort', 'term') or parent_code in ('region', 'size_merged'))"
    ).fetchall()
    assert len(defined) > 25
    told = page.eval_on_selector_all("dt", "all => all.map((one) => [one.innerText, one.nextSibling.innerText])")
    assert {tuple(term) for term in told} >= set(defined)
    assert "Austria" in page.inner_text("[data-figure=definitions]")


def test_use_of_services_shows_the_counts_of_the_release(read: Callable[..., Opened], releases: Path) -> None:
    gaps = releases / "2024.0" / "public" / "gaps"
    page = read("/use/").page
    page.select_option("[data-figure=usage] [data-filter=cohort]", "NMC")
    counted = duckdb.sql(
        f"select service_code, step_code, n from '{gaps}/gap_service_usage.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all'"
    ).fetchall()
    assert len(counted) > 20
    for service, step, n in counted:
        text = page.inner_text(f"[data-figure=usage] [data-service={service}] [data-step={step}]")
        assert text.split()[0] == ("hidden" if n is None else str(n)), (service, step)
    wanted = duckdb.sql(
        "select service_code, said_and_used_n, said_not_used_n, used_not_said_n, neither_said_nor_used_n "
        f"from '{gaps}/gap_intent_to_use.parquet' where item_code = 'all' and base_n is not null"
    ).fetchall()
    shown = page.eval_on_selector_all(
        "[data-figure=intents] tbody tr",
        "all => all.map(({ dataset, cells }) => "
        "[dataset.service, ...[...cells].slice(1, 5).map((cell) => Number(cell.innerText))])",
    )
    assert wanted
    assert sorted(map(tuple, shown)) == sorted(wanted)
    needs = duckdb.sql(
        f"select need_code, n from '{gaps}/gap_need_change_by_use.parquet' where n is not null"
    ).fetchall()
    listed = page.eval_on_selector_all(
        "[data-figure=changes_by_use] tbody tr", "all => all.map((row) => row.dataset.need)"
    )
    assert set(listed) == {need for need, _ in needs}
    assert "no proof of cause" in page.inner_text("[data-figure=changes_by_use] [role=note]")
    assert page.locator("[data-figure=pathways] tbody tr").count() == 6


def test_who_answered_again_is_told_with_the_waves(read: Callable[..., Opened], releases: Path) -> None:
    (earlier_n, stayed_n) = duckdb.sql(
        f"select earlier_n, stayed_n from '{releases}/2024.0/public/gaps/gap_response_rate.parquet' "
        "where cohort_code = 'NMC' and dimension_code = 'all'"
    ).fetchone()
    page = read("/waves/").page
    page.select_option("[data-figure=response] [data-filter=cohort]", "NMC")
    cells = page.inner_text("[data-figure=response] [data-group='all/all']").split()
    assert str(earlier_n) in cells
    assert str(stayed_n) in cells
