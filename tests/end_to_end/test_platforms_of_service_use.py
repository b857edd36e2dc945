"""Five platforms on which services run, each as it exports: by codebook and seeds alone they are one funnel of cities.

A portal's log, a webinar's attendance report, a learning platform's progress (a column a course), tickets of a
helpdesk, and a form of a call with the jury's decision. None of them names an event as another does.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest
from deployments import MINI_SEEDS, Deployment, deploy

PORTAL = """Nr;Kommune;Angebot;Aktion;Zeitpunkt;E-Mail
1;A;Fallstudien;Heruntergeladen;2030-02-03;anna@a.example
2;A;Portal;Angemeldet;2030-02-01;anna@a.example
3;B;Portal;Angemeldet;2030-02-01;ben@b.example
4;X;Portal;Angemeldet;2030-02-05;xenia@x.example
"""
WEBINARS = """Attended,User Name (Original Name),Email,City,Topic,Time in Session (minutes),Rating
Yes,Anna,anna@a.example,A,Funding for cities,58,5
Yes,Arno,arno@a.example,A,Funding for cities,12,
No,Ben,ben@b.example,B,Funding for cities,--,
Yes,Carla,carla@c.example,C,Open data,61,4
"""
COURSES = [
    ["Learner", "City", "Course: Finance", "Course: Data"],
    ["l-1", "A", "Completed", "Not started"],
    ["l-2", "C", "In progress", None],
    ["l-3", "D", "Not started", "Not started"],
]
TICKETS = (
    "Ticket\tOrganisation\tSubject\tDescription\tStatus\tCSAT\n"
    '#101\tB\tLogin\t"We cannot\nlog in; who can help?"\tSolved\t4\n'
    "#102\tD\tTarget\tWhich target counts?\tOpen\t\n"
    "#103\tD\tTarget\tAgain\tClosed\t2\n"
)
CALLS = [
    ["ID", "Start time", "Completion time", "Email", "Name", "City", "Which calls do you apply for?", "Jury"],
    [1, datetime(2030, 3, 1, 9), datetime(2030, 3, 1, 10), "anonymous", None, "A", "Twinning;Study visit;", "selected"],
    [2, datetime(2030, 3, 2, 9), datetime(2030, 3, 2, 10), "anonymous", None, "E", "Twinning;", "not selected"],
]
QUESTIONS = {
    "service_portal": """
        integer,record,Nr,response_id
        text,city,Kommune,city_pseudonym
        select_one service,service,Angebot
        select_one action,action,Aktion
        date,on,Zeitpunkt
        text,email,E-Mail,,yes""",
    "service_webinars": """
        select_one yes_no,attended,Attended
        text,name,User Name (Original Name),,yes
        text,email,Email,,yes
        text,city,City,city_pseudonym
        select_one topic,module,Topic
        text,minutes,Time in Session (minutes)
        integer,satisfaction,Rating""",
    "service_learning": """
        text,learner,Learner,response_id
        text,city,City,city_pseudonym
        select_one state,finance,Course: Finance
        select_one state,data,Course: Data""",
    "service_helpdesk": """
        text,ticket,Ticket,response_id
        text,city,Organisation,city_pseudonym
        text,subject,Subject
        text,description,Description,,yes
        select_one status,status,Status
        integer,satisfaction,CSAT""",
    "service_calls": """
        text,city,City,city_pseudonym
        select_multiple call,calls,Which calls do you apply for?
        select_one decision,decision,Jury""",
}
CHOICES = {
    "service": "cases=Fallstudien portal=Portal",
    "action": "downloaded=Heruntergeladen registered=Angemeldet",
    "yes_no": "yes=Yes no=No",
    "topic": "webinar_funding=Funding_for_cities webinar_data=Open_data",
    "state": "not_started=Not_started in_progress=In_progress completed=Completed",
    "status": "open=Open solved=Solved closed=Closed",
    "call": "twinning=Twinning visits=Study_visit",
    "decision": "selected=selected not_selected=not_selected",
}
PLATFORMS = {"service_learning": "sheet", "service_calls": "forms_xlsx"}
SERVICES = ("portal", "cases", "webinars", "courses", "helpdesk", "twinning", "visits")
MAPS = {
    "topic_to_service": "webinar_funding=webinars webinar_data=webinars",
    "state_to_service": "not_started=courses in_progress=courses completed=courses",
    "status_to_service": "open=helpdesk solved=helpdesk closed=helpdesk",
}
# Which answer of which question tells which step; a condition is another question's choice.
SOURCES = """
    registered service_portal service same
    active service_portal service same action=downloaded
    registered service_webinars module map:topic_to_service
    active service_webinars module map:topic_to_service attended=yes
    registered service_learning finance map:state_to_service
    registered service_learning data map:state_to_service
    active service_learning finance map:state_to_service finance=in_progress
    active service_learning finance map:state_to_service finance=completed
    active service_learning data map:state_to_service data=in_progress
    active service_learning data map:state_to_service data=completed
    completed service_learning finance map:state_to_service finance=completed
    completed service_learning data map:state_to_service data=completed
    registered service_helpdesk status map:status_to_service
    active service_helpdesk status map:status_to_service
    completed service_helpdesk status map:status_to_service status=solved
    completed service_helpdesk status map:status_to_service status=closed
    registered service_calls calls same
    active service_calls calls same decision=selected
"""
# By hand, from the five exports above: who came to which step of what.
REGISTERED = {
    "portal": "ABX", "cases": "A", "webinars": "ABC", "courses": "ACD", "helpdesk": "BD", "twinning": "AE",
    "visits": "A",
}  # fmt: skip
ACTIVE = {"cases": "A", "webinars": "AC", "courses": "AC", "helpdesk": "BD", "twinning": "A", "visits": "A"}
COMPLETED = {"courses": "A", "helpdesk": "BD"}


def words(said: str) -> list[tuple[str, str]]:
    """Codes and labels; a label's spaces are written as underscores."""
    return [(code, label.replace("_", " ")) for code, _, label in (pair.partition("=") for pair in said.split())]


def write_rows(path: Path, header: str, rows: list[tuple[object, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header.split(","), *rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def write_workbook(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def add_round(seeds: Path, instrument: str, expected_n: int) -> Path:
    """Source card and codebook of a register; where its export is to lie."""
    folder = seeds / "rounds" / instrument / "2030"
    folder.mkdir(parents=True)
    rows, lists = [], set()
    for number, line in enumerate(QUESTIONS[instrument].split("\n")[1:], start=1):
        kind, name, label, *more = line.strip().split(",")
        role, personal = [*more, "", ""][:2]
        lists.add(kind.partition(" ")[2])
        rows.append((kind, name, label, "", "", "", "", "", number, "", role, personal))
    header = "type,name,label,hint,required,relevant,constraint,section,question_number,matrix,role,is_personal"
    write_rows(folder / "questions.csv", header, rows)
    choices = [
        (name, code, label, place)
        for name in sorted(lists - {""})
        for place, (code, label) in enumerate(words(CHOICES[name]), start=1)
    ]
    write_rows(folder / "choices.csv", "list_name,name,label,position", choices)
    platform = PLATFORMS.get(instrument, "delimited")
    extract = "extract.csv" if platform == "delimited" else "extract.xlsx"
    (folder / "round.yml").write_text(
        f"title: {instrument}\nproducer: The test suite\nplatform: {platform}\nextract: {extract}\n"
        "fieldwork_start: null\nfieldwork_end: null\nlicence: CC0-1.0\ncitation: Made up for tests.\n"
        f"expected_responses: {expected_n}\nrejected_share_limit: 0\n"
        "synthetic: true\nunit: record\ncomplete_for: all\n",
        encoding="utf-8",
    )
    return folder / extract


def add_knowledge(seeds: Path) -> None:
    """What a person writes into the seeds: services, steps, items and where they come from."""
    write_rows(
        seeds / "services.csv",
        "service_code,label,purpose,owner,channel,format,audience,selection_rule,capacity_limit,line,position",
        [(code, code.title(), "Help", "We", "", "", "", "", "", "", place) for place, code in enumerate(SERVICES, 1)],
    )
    write_rows(
        seeds / "service_steps.csv",
        "step_code,label,item_code,is_use,position",
        [
            ("registered", "Registered", "registered", "no", 1),
            ("active", "Active", "active", "yes", 2),
            ("completed", "Completed", "completed", "yes", 3),
        ],
    )
    write_rows(
        seeds / "service_status.csv",
        "service_code,wave,status,launched_on,for_mission_cities,for_others,basis,line,source",
        [(code, "2030", "existing", "", "yes", "yes", "inferred", "", "its records") for code in SERVICES],
    )
    write_rows(
        seeds / "service_needs.csv",
        "service_code,need_code,basis,line",
        [(code, "funding", "inferred", "") for code in SERVICES],
    )
    pairs = [(name, code, choice) for name, said in MAPS.items() for code, choice in words(said)]
    write_rows(seeds / "choice_maps.csv", "choice_map,source_choice,choice_code", pairs)
    with (seeds / "scales.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"service,{code},{code.title()},{n},,\n" for n, code in enumerate((*SERVICES, "none"), 1))
    items = (seeds / "items.csv").read_text(encoding="utf-8").splitlines()
    items = [f"{items[0]},follows_city", *(f"{line},no" for line in items[1:])]
    items += [f"{step},{step},multiple,service,finance,,,no,all,yes" for step in ("registered", "active", "completed")]
    (seeds / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    sources = (seeds / "item_sources.csv").read_text(encoding="utf-8").splitlines()
    sources = [f"{sources[0]},pick,only_question,only_choice", *(f"{line},,," for line in sources[1:])]
    told = [line.split() for line in SOURCES.strip().split("\n")]
    for item, instrument, question, method, *condition in told:
        method, _, choice_map = method.partition(":")
        only_question, _, only_choice = "".join(condition).partition("=")
        sources.append(
            f"{item},{instrument},2030,{question},{method},{choice_map},same,,any,{only_question},{only_choice}"
        )
    for item, instrument in sorted({(item, instrument) for item, instrument, *_ in told}):
        question, method = next(line[2:4] for line in told if line[:2] == [item, instrument])
        method, _, choice_map = method.partition(":")
        sources.append(f"{item},{instrument},2030,{question},{method},{choice_map},same,,none,,")
    (seeds / "item_sources.csv").write_text("\n".join(sources) + "\n", encoding="utf-8")
    with (seeds / "wave_rounds.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"2030,{instrument},2030,{rank}\n" for rank, instrument in enumerate(QUESTIONS, start=2))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The pulse of eight cities and five registers of what they use, refreshed."""
    made = deploy(tmp_path_factory.mktemp("platforms"), MINI_SEEDS)
    asked = made.seeds / "rounds" / "pulse" / "2030" / "questions.csv"
    asked.write_text(asked.read_text().replace("response_id", "response_id city_pseudonym"))
    rows_n = (4, 4, 3, 3, 2)
    paths = {name: add_round(made.seeds, name, n) for name, n in zip(QUESTIONS, rows_n, strict=True)}
    paths["service_portal"].write_text(PORTAL, encoding="utf-8-sig")
    paths["service_webinars"].write_text(WEBINARS, encoding="utf-8")
    write_workbook(paths["service_learning"], COURSES)
    paths["service_helpdesk"].write_text(TICKETS, encoding="utf-16")
    write_workbook(paths["service_calls"], CALLS)
    add_knowledge(made.seeds)
    made.refresh()
    return made


@pytest.fixture(scope="module")
def served(deployment: Deployment) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(deployment.settings.served_database), read_only=True)


@pytest.mark.parametrize(("step", "said"), [("registered", REGISTERED), ("active", ACTIVE), ("completed", COMPLETED)])
def test_five_exports_are_one_funnel(served: duckdb.DuckDBPyConnection, step: str, said: dict[str, str]) -> None:
    """Of the eight cities of the pulse; X is in the portal alone, and in no cohort."""
    counted = served.execute(
        "select service_code, n, base_n from gaps.gap_service_usage "
        "where cohort_code = 'ALL' and dimension_code = 'all' and step_code = $step and n > 0",
        {"step": step},
    ).fetchall()
    expected = {service: len(set(cities) - {"X"}) for service, cities in said.items()}
    assert {service: n for service, n, _ in counted} == expected
    assert {base_n for *_, base_n in counted} == {8}


def test_a_city_in_several_registers_has_what_each_tells_and_one_in_none_has_none(
    served: duckdb.DuckDBPyConnection,
) -> None:
    told = served.sql(
        "select city_key, string_agg(choice_code, ' ' order by choice_code) from intermediate.int_cohort_answers "
        "where cohort_code = 'ALL' and item_code = 'registered' group by city_key"
    ).fetchall()
    used = {city: sorted(name for name, cities in REGISTERED.items() if city in cities) for city in "ABCDE"}
    assert dict(told) == {city: " ".join(names) for city, names in used.items()} | dict.fromkeys("FGH", "none")


def test_ratings_are_read_where_a_platform_asks_for_them(served: duckdb.DuckDBPyConnection) -> None:
    found = served.sql(
        "select city_key, service_code, module_code, satisfaction_sum, ratings_n from facts.fct_service_use "
        "where ratings_n > 0 order by all"
    ).fetchall()
    assert found == [
        ("A", "webinars", "webinar_funding", 5, 1),
        ("B", "helpdesk", "none", 4, 1),
        ("C", "webinars", "webinar_data", 4, 1),
        ("D", "helpdesk", "none", 2, 1),
    ]


def test_no_row_is_lost_and_nobody_named(deployment: Deployment, served: duckdb.DuckDBPyConnection) -> None:
    landed = served.sql("select sum(rows_in), sum(responses_n), sum(rejected_rows_n) from landing.landings").fetchall()
    assert landed == [(24, 24, 0)]
    stored = b"".join(path.read_bytes() for path in deployment.data.rglob("*.parquet"))
    assert b"anna@a.example" not in stored
    assert b"Carla" not in stored
