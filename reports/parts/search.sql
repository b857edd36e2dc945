-- What can be searched: needs, questions with their answers, tables of the report, initiatives and services, each with the
-- address of its page. One file: a search is over all of them.
with words as (
    select
        label_kind,
        parent_code,
        code,
        label
    from read_parquet('${release}/gaps/gap_label.parquet')
),

themes as (
    select
        code as theme_code,
        label as theme_label
    from words
    where label_kind = 'theme'
),

-- Each question as the last wave that asked it has it.
asked as (
    select
        wave,
        item_code,
        label as item_label,
        theme_code
    from questions
    qualify row_number() over (partition by item_code order by wave desc) = 1
),

found as (
    select
        'Need' as kind,
        1 as rank,
        words.label,
        themes.theme_label as context,
        words.code,
        '/needs/' || words.code as path
    from words
    left join themes on words.parent_code = themes.theme_code
    where words.label_kind = 'need' and words.code in (select need_code from need_by_cohort)
    union all
    select
        'Question' as kind,
        2 as rank,
        asked.item_label as label,
        themes.theme_label as context,
        asked.item_code as code,
        '/tables?item=' || asked.item_code as path
    from asked
    left join themes on asked.theme_code = themes.theme_code
    union all
    select
        'Answer' as kind,
        3 as rank,
        labels.label,
        asked.item_label as context,
        labels.code,
        '/tables?item=' || asked.item_code as path
    from labels
    inner join asked on labels.wave = asked.wave and labels.parent_code = asked.item_code
    where labels.label_kind = 'choice' and labels.code not in ('answered', 'missing')
    union all
    select
        'Term' as kind,
        7 as rank,
        words.label,
        null as context,
        words.code,
        '/methods#glossary' as path
    from words
    where words.label_kind = 'term'
    union all
    select distinct
        'Initiative' as kind,
        4 as rank,
        label,
        kind_label as context,
        choice_code as code,
        '/initiatives/' || choice_code as path
    from initiatives
    where attribute = 'initiative' and kind_label is not null
    union all
    select distinct
        'Service' as kind,
        5 as rank,
        service_label as label,
        null as context,
        service_label as code,
        '/services' as path
    from service_coverage
    where service_status is not null
    union all
    select
        'Report' as kind,
        6 as rank,
        report_tables.title as label,
        themes.theme_label as context,
        report_tables.source as code,
        coalesce('/themes/' || report_tables.theme_code, '/findings') || '#' || report_tables.source || '_'
        || lpad(report_tables.number::varchar, 2, '0') as path
    from report_tables
    left join themes on report_tables.theme_code = themes.theme_code
)

select
    'all' as part,
    kind,
    label,
    context,
    code,
    path
from found
order by rank, label, code, path
