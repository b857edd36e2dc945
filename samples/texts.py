"""Open answers: short sentences on the themes that the report names, in words of our own.

Belongs here: the sentences. Not here: who gives them, and how the platform encodes them (see
workbook.py). Nothing below names a real city.
"""

from __future__ import annotations

MONITORING_OBSTACLES = (
    "Too few staff & no budget line for collecting data every year.",
    "Energy data of private buildings arrive late, if at all; consumption <1 MWh is not metered.",
    "No common measuring tool: each department keeps its own spreadsheet.",
    "The energy crisis drew attention and money away from monitoring.",
    "We depend on a regional agency for the inventory & cannot check its factors.",
    "Staff who were trained for inventories left the municipality.",
    "Results of the inventory are not part of decisions on urban planning.",
    'Scope 3 is unclear: what counts as "indirect" differs between guides.',
    "Données de mobilité are only available at the level of the région.",
    "National statistics come with a delay of 2–3 years.",
)

WANTED_SERVICES = {
    "funding": (
        "Dedicated EIB funding & advice on grants",
        "Help with applications for national and EU grants",
        "Access to funding for decarbonising our infrastructure",
    ),
    "knowledge": (
        "Peer learning with cities of our size",
        "Study visits & exchanges of staff",
        "Training for municipal staff, if possible in our own language (français, español)",
    ),
    "tools": ("Ready-to-use tools for scenarios", "Access to innovative tools & approaches"),
    "technical_assistance": (
        "Technical assistance for district heating and building renovation",
        "Experts who support the implementation of projects",
    ),
    "data_monitoring": ("Support for gathering & analysing climate data", "Help with a monitoring framework"),
    "policy": ("Guidance on local climate regulation", "Advice on policies that fit the local context"),
    "networking": ("Invitations to the annual conferences of the Cities Mission",),
}

LEARNING_OTHER = (
    "A short newsletter with examples from towns of our size",
    "Recordings that can be watched later & shared with colleagues",
    "Job shadowing in another administration",
    "A helpline that answers questions on the phone",
    "Podcasts for the way to work",
    "Games and simulations with the city council",
    "A mentor from a city that is further ahead",
    "Short guides in our own language, with templates",
    "A summer school for new staff",
    "Regular exchange with universities of the region",
)

TOPICS = (
    "Citizen engagement beyond information",
    "Financing of deep renovation & heat networks",
    "How a Climate City Contract is prepared",
    "Cross-departmental teams: who leads?",
    "Mobility: low-emission zones, parking & public transport",
    "Residual emissions <5 % and how to compensate them",
    "Working with the regional energy agency",
    "Climate budgeting",
    "Adaptation and mitigation together – co-benefits",
)

BUDGET_OTHER = (
    "There is a climate budget, but it is not part of the financial rules & must be renewed every year.",
    "Our climate budget is computed in CO2 equivalent, not in euros.",
    "Climate actions are tagged in the budget of each department.",
    "Funds come from a regional programme, not from the city budget.",
    "Ringfencing exists for energy savings only (<2 % of the budget).",
    "A budget is being prepared together with the finance department.",
)

INITIATIVES_OTHER = (
    "A project of the LIFE programme",
    "Reporting through the CDP-ICLEI Track",
    "National network of climate cities & municipalities",
    "LIFE project on nature-based solutions",
    "Network of islands and coastal towns",
    "European city network on energy (réseau)",
    "UN programme on resilient cities",
)

PLANS_OTHER = (
    "Adaptation plan",
    "Waste & circular economy plan",
    "Noise and air quality plan",
    "Plan Climat-Air-Énergie territorial",
    "Green infrastructure strategy",
    "Energy renovation plan for municipal buildings",
    "Heat plan",
)

OTHER_PROJECTS = (
    "A regional research project with the university",
    "Interreg project on urban mobility",
    "National innovation programme",
    "LIFE integrated project",
)

CHALLENGES_OTHER = (
    "Lengthy permitting procedures",
    "Few companies bid for renovation works",
    "Changes of national support schemes from year to year",
    "Historic buildings & heritage rules",
)

CAPACITY_OTHER = (
    "Project management & procurement law",
    "Communication with residents in plain language",
    "Data analysis and GIS",
)

COMMENTS = (
    "Thank you for the opportunity to take part.",
    "Some questions do not fit a town with <20 000 inhabitants.",
    'We would like to know more about the "readiness tool".',
    "Our answers reflect the view of one department & were not approved by the council.",
    "Merci – the survey was long, but relevant.",
)

REMARKS = (
    "To be decided by the council in the coming year.",
    "Pilot project; results & costs are being evaluated.",
    "Covered by a plan of the région.",
    "Applies to municipal property only.",
    "Depends on national funding <50 %.",
    "See the sustainability report.",
)

FUNCTIONS = ("Climate officer", "Head of unit", "Project manager", "Energy manager", "Adviser to the mayor")
DEPARTMENTS = (
    "Environment & Climate",
    "Urban planning",
    "European projects",
    "Energy and mobility",
    "Office of the mayor",
)
