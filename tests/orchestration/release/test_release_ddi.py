"""The rounds of a release as DDI codebooks: held against the standard's rules, and their counts against the release."""

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deployments import Deployment
from lxml import etree
from metadata_cases import Drafted

from orchestration.release.codebooks import RoundCodebook, read_codebooks
from orchestration.release.ddi import NAMESPACE, write_codebooks
from orchestration.release.sdmx import CUBE, LABELS

N = {"d": NAMESPACE}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
PROFILE = etree.XMLSchema(etree.parse(str(Path(__file__).with_name("ddi_profile.xsd"))))
WAVES = ("2024", "2025", "2026")
STANDARD = Path(__file__).parents[2] / "samples" / "ddi" / "ddi-codebook-2.6.zip"
XSD = "{http://www.w3.org/2001/XMLSchema}"


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> etree.XMLSchema:
    """The DDI Alliance's own schema, of the version after ours: what it says of a document of 2.5 that is renamed."""
    folder = tmp_path_factory.mktemp("ddi_codebook")
    with zipfile.ZipFile(STANDARD) as archive:
        archive.extractall(folder)
    tree = etree.parse(str(folder / "codebook.xsd"))
    # It has annotations behind types, where XML Schema has none; libxml2 refuses them.
    for annotation in list(tree.iter(f"{XSD}annotation")):
        annotation.getparent().remove(annotation)
    return etree.XMLSchema(tree)


def as_2_6(text: str) -> etree._Element:
    """A document with namespace and version of DDI-Codebook 2.6, which adds to 2.5 and takes nothing away."""
    for old, new in ((f'"{NAMESPACE}"', '"ddi:codebook:2_6"'), ('version="2.5"', 'version="2.6"')):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return etree.fromstring(text.encode())


def entry(**values: object) -> dict[str, object]:
    absent = (
        "list_name",
        "section",
        "question_number",
        "asked_if_question",
        "only_question",
        "only_choice",
        "note",
        "pick",
    )
    return {**dict.fromkeys(absent), **values}


def codebook(unit: str = "city") -> RoundCodebook:
    """A round in French with German and Greek texts: a matrix, several choices, a number, an open question."""
    card = {
        "instrument": "pouls", "round": "2030", "title": "Pouls <des> villes & communes", "producer": "Bureau",
        "licence": "CC0-1.0", "citation": "Bureau (2030).", "fieldwork_start": None, "fieldwork_end": None,
        "unit": unit, "is_synthetic": True,
    }  # fmt: skip
    questions = [
        entry(question_code="plan", question_type="select_one", list_name="oui_non", section="A"),
        entry(question_code="aides", question_type="select_multiple", list_name="aides", asked_if_question="plan"),
        entry(question_code="habitants", question_type="integer", section="A", question_number="3"),
        entry(question_code="avis", question_type="text"),
    ]
    labels = {
        ("question", "", "plan"): {"de": "Plan?", "el": "Σχέδιο;", "fr": "Un plan ?\x0b"},
        ("question", "", "aides"): {"fr": "Aides"},
        ("matrix", "", "aides"): {"fr": "Ce qu'il faut"},
        ("question", "", "habitants"): {"de": "Einwohner", "fr": "Habitants"},
        ("question", "", "avis"): {"fr": "Avis"},
        ("choice", "oui_non", "yes"): {"de": "Ja", "el": "Ναι", "fr": "Oui"},
        ("choice", "oui_non", "no"): {"de": "Nein", "el": "Όχι", "fr": "Non"},
        ("choice", "aides", "a+b"): {"fr": "L'un et l'autre"},
    }
    choices = {
        "oui_non": [entry(list_name="oui_non", choice_code=code) for code in ("yes", "no")],
        "aides": [entry(list_name="aides", choice_code="a+b")],
    }
    has_plan = [entry(question_code="plan", method="same")]
    if unit == "record":
        has_plan[0] |= {"pick": "any", "only_question": "habitants", "only_choice": "3"}
        has_plan.append(entry(question_code="plan", method="same", pick="none"))
    sources = {
        "has_plan": has_plan,
        "size": [entry(question_code="habitants", method="class")],
        "wishes": [entry(question_code="avis", method="coded", note="two coders")],
    }
    cohorts = {"has_plan": frozenset({"N+1", "OTHER"}), "size": frozenset({"N+1"})}
    return RoundCodebook(card, questions, choices, labels, sources, cohorts)


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder with a cube of two cohorts, of whose cells some are hidden."""
    folder = tmp_path / "public"
    (folder / "gaps").mkdir(parents=True)
    cells = [
        ("N+1", "has_plan", "yes", "all", 7, 70.0),
        ("N+1", "has_plan", "no", "all", None, None),
        ("N+1", "has_plan", "missing", "all", 1, 10.0),
        ("N+1", "has_plan", "answered", "all", 9, 90.0),
        ("N+1", "has_plan", "yes", "size", 5, 50.0),
        ("TWO_ROUNDS", "has_plan", "yes", "all", 99, 99.0),
        ("OTHER", "has_plan", "yes", "all", 4, None),
        ("N+1", "size", "klein ß", "all", 6, 60.0),
    ]
    names = ("cohort_code", "item_code", "choice_code", "dimension_code", "n", "share_pct")
    cube = pa.Table.from_pylist([dict(zip(names, cell, strict=True)) for cell in cells])
    words = [
        ("cohort", "", "OTHER", "Others", 2), ("cohort", "", "N+1", "Near & far", 1), ("cohort", "", "NONE", "None", 3),
        ("choice", "has_plan", "yes", "Yes", 1), ("dimension", "theme", "size", "City size", 1),
        ("choice", "size", "klein ß", "Small", 1),
        ("choice", "size", "answered", "Answered", 98), ("choice", "size", "missing", "Missing", 99),
    ]  # fmt: skip
    columns = ("label_kind", "parent_code", "code", "label", "position")
    pq.write_table(cube, folder / CUBE)
    pq.write_table(pa.Table.from_pylist([dict(zip(columns, word, strict=True)) for word in words]), folder / LABELS)
    return folder


def written(draft: Drafted, folder: Path, unit: str = "city") -> etree._Element:
    (name,) = write_codebooks(draft.describe(audience="public"), [codebook(unit)], folder)
    assert name == "ddi/pouls_2030.xml"
    return etree.parse(str(folder / name)).getroot()


def texts(element: etree._Element, path: str) -> list[str | None]:
    return [found.text for found in element.iterfind(path, N)]


def variable(root: etree._Element, name: str) -> etree._Element:
    (found,) = root.findall(f"d:dataDscr/d:var[@name='{name}']", N)
    return found


def counts(of: etree._Element) -> dict[tuple[str, str], str]:
    """Count by choice and cohort."""
    return {
        (category.find("d:catValu", N).text, statistic.get("sdatrefs")): statistic.text
        for category in of.iterfind("d:catgry", N)
        for statistic in category.iterfind("d:catStat[@type='freq']", N)
    }


def test_every_language_of_a_codebook_is_there(draft: Drafted, tables: Path) -> None:
    root = written(draft, tables)
    plan = variable(root, "plan")
    asked = {question.get(LANGUAGE): question.find("d:qstnLit", N).text for question in plan.iterfind("d:qstn", N)}
    assert asked == {"de": "Plan?", "el": "Σχέδιο;", "fr": "Un plan ?"}
    yes, no, _missing = plan.findall("d:catgry", N)
    assert texts(yes, "d:labl") == ["Ja", "Ναι", "Oui"]
    assert [label.get(LANGUAGE) for label in no.iterfind("d:labl", N)] == ["de", "el", "fr"]
    assert texts(variable(root, "aides"), "d:qstn/d:preQTxt") == ["Ce qu'il faut"]
    assert root.findtext("d:stdyDscr/d:citation/d:titlStmt/d:titl", namespaces=N) == "Pouls <des> villes & communes"


def test_counts_are_the_release_s_and_hidden_ones_are_absent(draft: Drafted, tables: Path) -> None:
    root = written(draft, tables)
    plan = variable(root, "plan")
    assert counts(plan) == {("yes", "C_N.2b.1"): "7", ("yes", "C_OTHER"): "4", ("missing", "C_N.2b.1"): "1"}
    assert texts(plan, "d:catgry/d:catStat[@type='percent']") == ["70.0", "10.0"]
    assert [category.get("missing") for category in plan.iterfind("d:catgry", N)] == [None, None, "Y"]
    assert texts(root, "d:stdyDscr/d:stdyInfo/d:sumDscr/d:universe") == ["Near & far", "Others"]


def test_what_is_read_from_a_question_is_a_variable_of_its_own(draft: Drafted, tables: Path) -> None:
    root = written(draft, tables)
    size = variable(root, "size")
    assert counts(size) == {("klein ß", "C_N.2b.1"): "6"}
    assert texts(size, "d:labl") == ["City size"]
    assert size.find("d:derivation", N).get("var") == "Q_habitants"
    assert not counts(variable(root, "habitants"))
    assert not root.findall("d:dataDscr/d:var[@name='wishes']", N), "nothing of it is counted"
    assert texts(size, "d:derivation/d:drvdesc") == ["habitants: the class of the number"]
    # A record is about a city: what is counted of it is no answer to a question.
    of_records = written(draft, tables, unit="record")
    assert not counts(variable(of_records, "plan"))
    plan = variable(of_records, "has_plan")
    assert counts(plan)["yes", "C_N.2b.1"] == "7"
    assert texts(plan, "d:derivation/d:drvdesc") == [
        "plan: the choice as answered, of any of its records, where habitants is 3; "
        "cities that are in no record of the register: no, none or 0"
    ]


def test_the_schema_of_the_standard_takes_documents_of_both_units(
    draft: Drafted, tables: Path, standard: etree.XMLSchema
) -> None:
    for unit in ("city", "record"):
        written(draft, tables, unit)
        standard.assertValid(as_2_6((tables / "ddi" / "pouls_2030.xml").read_text(encoding="utf-8")))


def test_documents_meet_the_rules_and_the_same_release_makes_the_same_bytes(draft: Drafted, tables: Path) -> None:
    PROFILE.assertValid(written(draft, tables))
    before = (tables / "ddi" / "pouls_2030.xml").read_bytes()
    written(draft, tables)
    assert (tables / "ddi" / "pouls_2030.xml").read_bytes() == before


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        pytest.param('version="2.5"', 'version="2.6"', id="another version"),
        pytest.param('ID="Q_plan"', 'ID="2 plans"', id="an ID that is no name"),
        pytest.param('ID="Q_avis"', 'ID="Q_plan"', id="an ID twice"),
        pytest.param('intrvl="contin"', 'intrvl="continuous"', id="a value that is not listed"),
        pytest.param('responseDomainType="multiple"', 'responseDomainType="several"', id="a domain that is not listed"),
        pytest.param('type="freq"', 'type="count"', id="a statistic that is not listed"),
        pytest.param('name="avis" ', "", id="a variable without a name"),
        pytest.param('name="avis"', 'name="avis" label="Avis"', id="an unknown attribute"),
        pytest.param("<titl>(Pouls.*?)</titl>", r"<title>\1</title>", id="an unknown element"),
        pytest.param("(<catValu>yes</catValu>)(.*?</labl>)", r"\2\1", id="a value behind its label"),
        pytest.param("(<anlyUnit>.*?</anlyUnit>)(.*?</universe>)", r"\2\1", id="a universe before the unit"),
        pytest.param("(<varFormat[^>]*>)(.*?)(<derivation.*?</derivation>)", r"\1\3\2", id="a derivation at the end"),
    ],
)
def test_a_document_that_breaks_a_rule_is_noticed(
    draft: Drafted, tables: Path, standard: etree.XMLSchema, good: str, bad: str
) -> None:
    written(draft, tables)
    text = (tables / "ddi" / "pouls_2030.xml").read_text(encoding="utf-8")
    broken, changed = re.subn(good, bad, text, count=1, flags=re.DOTALL)
    assert changed
    with pytest.raises(etree.DocumentInvalid):
        PROFILE.assertValid(etree.fromstring(broken.encode()))
    if "version" not in good:
        assert not standard.validate(as_2_6(broken)), "stricter than the standard"


def released(bundled: Deployment) -> Iterator[tuple[str, Path, etree._Element]]:
    for wave in WAVES:
        for path in sorted((bundled.releases / f"{wave}.0" / "public" / "ddi").iterdir()):
            yield wave, path, etree.parse(str(path)).getroot()


def test_each_round_of_a_release_has_a_codebook_that_meets_the_rules(
    bundled: Deployment, standard: etree.XMLSchema
) -> None:
    found: dict[str, set[str]] = {}
    for wave, path, root in released(bundled):
        PROFILE.assertValid(root)
        standard.assertValid(as_2_6(path.read_text(encoding="utf-8")))
        ids = root.xpath("//@ID")
        assert len(ids) == len(set(ids)), path
        references = {name for value in root.xpath("//@sdatrefs | //d:*/@var", namespaces=N) for name in value.split()}
        assert references <= set(ids), path
        found.setdefault(wave, set()).add(path.name)
    for wave in WAVES:
        manifest = json.loads((bundled.releases / f"{wave}.0" / "public" / "manifest.json").read_text())
        assert found[wave] == {f"{source['instrument']}_{source['round']}.xml" for source in manifest["sources"]}


def test_every_count_of_a_codebook_is_one_of_the_public_cube(bundled: Deployment) -> None:
    """Each cohort's cells of an item are all there or none, and as everybody may see them."""
    with (bundled.seeds / "item_sources.csv").open(encoding="utf-8") as file:
        sources = list(csv.DictReader(file))
    compared = 0
    for wave, path, root in released(bundled):
        instrument, year = path.stem.rsplit("_", 1)
        cube = pq.read_table(bundled.releases / f"{wave}.0" / "public" / CUBE, filters=[("dimension_code", "=", "all")])
        cells: dict[tuple[str, str], dict[str, int]] = {}
        for row in cube.to_pylist():
            shown = cells.setdefault((row["item_code"], row["cohort_code"]), {})
            if row["n"] is not None and row["choice_code"] != "answered":
                shown[row["choice_code"]] = row["n"]
        for of in root.iterfind("d:dataDscr/d:var", N):
            items = [of.get("name")]
            if of.get("ID").startswith("Q_"):
                items = [
                    source["item_code"]
                    for source in sources
                    if (source["instrument"], source["round"], source["question_code"], source["method"])
                    == (instrument, year, of.get("name"), "same")
                ]
            told: dict[str, dict[str, int]] = {}
            for (choice, cohort), n in counts(of).items():
                told.setdefault(cohort.removeprefix("C_"), {})[choice] = int(n)
            for cohort, found in told.items():
                assert found in [cells.get((item, cohort)) for item in items], (path, of.get("name"), cohort)
                compared += len(found)
    assert compared > 2000


def test_what_several_rounds_tell_of_a_cohort_is_in_the_codebook_of_none(refreshed: Deployment) -> None:
    database = refreshed.settings.served_database

    def cohorts() -> dict[str, frozenset[str]]:
        (codebook,) = read_codebooks(database, "2030")
        return {item: codebook.cohorts.get(item, frozenset()) for item in ("funding", "plan")}

    assert cohorts() == {"funding": {"ALL", "PLAN"}, "plan": {"ALL", "PLAN"}}
    another = "select wave, cohort_code, item_code, 'census', round, comparability, is_own, reading_rank"
    table = "intermediate.int_cohort_item_rounds"
    with duckdb.connect(str(database)) as connection:
        of_all = f"from {table} where cohort_code = 'ALL' and item_code = 'funding'"
        connection.execute(f"insert into {table} {another} {of_all}")
    assert cohorts() == {"funding": {"PLAN"}, "plan": {"ALL", "PLAN"}}


def test_no_personal_question_is_in_a_codebook(bundled: Deployment) -> None:
    personal = set()
    for path in sorted((bundled.seeds / "rounds").glob("*/*/questions.csv")):
        with path.open(encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["is_personal"] == "yes"]
        personal |= {(path.parent.parent.name, path.parent.name, row["name"]) for row in rows}
    assert personal
    for _, path, root in released(bundled):
        instrument, year = path.stem.rsplit("_", 1)
        asked = {(instrument, year, name) for name in root.xpath("//d:var/@name", namespaces=N)}
        assert not asked & personal, path


def test_public_releases_list_their_codebooks_and_internal_ones_have_none(refreshed: Deployment) -> None:
    release = refreshed.releases / "2030.0"
    assert not (release / "internal" / "ddi").exists()
    resources = json.loads((release / "public" / "datapackage.json").read_text())["resources"]
    (listed,) = [resource for resource in resources if resource["path"].startswith("ddi/")]
    assert (listed["path"], listed["title"]) == ("ddi/pulse_2030.xml", "Codebook in DDI: pulse_2030")
    assert re.fullmatch(r"[a-z0-9._/-]+", listed["name"])
    assert "  ddi/pulse_2030.xml\n" in (release / "public" / "SHA256SUMS").read_text()
