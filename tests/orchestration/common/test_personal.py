"""What counts as an e-mail address or a telephone number, and what does not."""

import time
from pathlib import Path

import pytest

from orchestration.common.csv_records import csv_records
from orchestration.common.personal import is_personal_column, pseudonym, remove_personal
from orchestration.settings import PROJECT_ROOT

REAL = PROJECT_ROOT.parent / "shared" / "real"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to ada.lovelace+pulse@city-hall.example.org.", "Write to [e-mail removed]."),
        ("mailto:a@b.eu, O'Neil <o'neil@x.ie>", "mailto:[e-mail removed], O'Neil <[e-mail removed]>"),
        ("jürgen@straße.example", "[e-mail removed]"),
        ("ада@пример.рф", "[e-mail removed]"),
        ("ada@xn--strae-oqa.xn--p1ai", "[e-mail removed]"),
        ("ada\N{FULLWIDTH COMMERCIAL AT}x.eu", "[e-mail removed]"),
    ],
)
def test_an_email_address_is_removed(text: str, left: str) -> None:
    assert remove_personal(text) == (left, ("e-mail",))


@pytest.mark.parametrize(
    ("text", "region", "left"),
    [
        ("Call +32 2 513 89 40 now", None, "Call [telephone number removed] now"),
        ("+49 (0) 30 / 1234567, +33142685300", None, "[telephone number removed], [telephone number removed]"),
        ("+32 (0)2 513 89 40", None, "[telephone number removed]"),
        ("+49 30 1234567 +49 30 7654321", "FR", "[telephone number removed] [telephone number removed]"),
        ("\N{FULLWIDTH PLUS SIGN}49 30 1234567", None, "[telephone number removed]"),
        ("0049 30 1234567", None, "[telephone number removed]"),
        ("(0049) 30 1234567", "FR", "[telephone number removed]"),
        ("030/1234567 or (030) 1234567", "DE", "[telephone number removed] or [telephone number removed]"),
        ("01.42.68.53.00", "FR", "[telephone number removed]"),
        ("01\N{NO-BREAK SPACE}42\N{NO-BREAK SPACE}68\N{NO-BREAK SPACE}53\N{NO-BREAK SPACE}00", "FR",
         "[telephone number removed]"),
        ("06-12345678", "NL", "[telephone number removed]"),
        ("(212) 736-5000", "US", "[telephone number removed]"),
        ("Tel.: 912 345 678", "ES", "Tel.: [telephone number removed]"),
        ("téléphone no 01 42 68 53 00", "FR", "téléphone no [telephone number removed]"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_removed(text: str, region: str | None, left: str) -> None:
    assert remove_personal(text, region) == (left, ("telephone number",))


def test_both_kinds_are_named() -> None:
    text = "ada@x.eu, ben@x.eu, +33142685300"
    left = "[e-mail removed], [e-mail removed], [telephone number removed]"
    assert remove_personal(text) == (left, ("e-mail", "telephone number"))


@pytest.mark.parametrize("region", [None, "AT", "DE", "DK", "ES", "FR", "GB", "GR", "IT", "NL", "PL", "US", "EL", "XX"])
@pytest.mark.parametrize(
    "text",
    [
        "@city, 5 @ 10, a@b, x@1.2",
        "1 019 022 inhabitants",
        "1.019.022",
        "budget € 1.200.000 or €01234567890, 912 345 678 EUR",
        "+5 000 000 inhabitants, +20 000 000 €, +3.5 Mt, +1990-2030",
        "2019-2030, 2020/2021, 2024 2025 2026",
        "01.02.2024, 01/02/2024, 01-02-2024 - 03-04-2025, 01.02.2024 - 03.04.2024",
        "2018-09-20T03:57:54.890",
        "09.30-17.00 08.30-16.30",
        "10115 Berlin, 75001 Paris, 01067-01069 Dresden, 01067 04109",
        "POINT (121.446 25.0111), POINT (-0.3763 39.4699), POINT (28.0473 -26.2041)",
        "0,0123456 t; 0.0123456 t; 0.0123456%",
        "Mobile: 1 200 000 trips",
        "ISBN 978-3-16-148410-0, IBAN DE89 3704 0044 0532 0130 00, id 0001234567",
        "Directive 2009/28/EC, COM(2021) 0101234, 0101234/2019",
        "https://example.org/plan?id=0301234567x",
    ],
)
def test_years_populations_budgets_and_places_stay(text: str, region: str | None) -> None:
    assert remove_personal(text, region) == (text, ())


@pytest.mark.parametrize(
    "path",
    [
        REAL / "cdp_cities" / "2018_City-wide_Emissions.csv",
        REAL / "cdp_cities" / "2019_City-wide_Emissions.csv",
        REAL / "rse_2017_us" / "data" / "public_data.csv",
    ],
    ids=lambda path: path.stem,
)
def test_nothing_is_found_in_real_answers_without_personal_data(path: Path) -> None:
    if not path.exists():
        pytest.skip("the real data lies beside the project, in ../shared/real, and is not there")
    records = csv_records(path.read_text(encoding="utf-8", errors="replace"))
    cells = {cell for record in records for cell in record.fields}
    assert len(cells) > 800
    found = [
        (cell, region) for cell in cells for region in (None, "DE", "FR", "US") if remove_personal(cell, region)[1]
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["a" * 10**6 + "@", "1 " * 10**6, "a@" + "b." * 10**6, "+1 " * 10**6, "(" * 10**6 + "1234567"]
)
def test_a_long_cell_takes_no_long_time(text: str) -> None:
    start = time.monotonic()
    remove_personal(text, "DE")
    assert time.monotonic() - start < 2


def test_a_pseudonym_is_the_same_for_the_same_address_and_tells_no_address() -> None:
    assert pseudonym("r-0301234567") == "r-0301234567"
    assert pseudonym("Ada@X.eu") == pseudonym(" ada@x.eu") != pseudonym("ben@x.eu")
    assert "ada" not in pseudonym("ada@x.eu")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a@b.eu", "", None, "mailto:x@y.org", "-"], "e-mail"),
        (["030 1234567", "+33142685300", "n/a"], "telephone number"),
        (["a@b.eu", "+33142685300", "none"], None),
        (["see a@b.eu for more", "see x@y.org for more"], None),
        (["01.02.2024", "00000012345", "2019-2020", "1 019 022"], None),
        ([12345678, 3.5, None], None),
        ([], None),
    ],
)
def test_a_column_is_personal_if_most_of_its_values_are(values: list[object], kind: str | None) -> None:
    assert is_personal_column(values) == kind
