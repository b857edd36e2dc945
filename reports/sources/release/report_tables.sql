-- Report tables and figures with their titles, and the theme that most of their questions have: none where no theme does.
with resources as (
    select unnest(resources) as resource
    from read_json('${release}/datapackage.json', columns = {resources: 'struct(name varchar, title varchar)[]'})
),

tables as (
    select
        split_part(resource.name, '_', 1) as source,
        split_part(resource.name, '_', 2)::integer as number,
        resource.title as title
    from resources
    where regexp_matches(resource.name, '^(table|figure)_[0-9]+$')
),

items as (
    select distinct
        source,
        number,
        item_code
    from read_parquet('${release}/cells.parquet')
),

themes as (
    select distinct
        code as item_code,
        parent_code as theme_code
    from read_parquet('${release}/gaps/gap_label.parquet')
    where label_kind in ('item', 'dimension')
),

questions as (
    select
        items.source,
        items.number,
        themes.theme_code,
        count(*) as of_theme_n,
        sum(count(*)) over (partition by items.source, items.number) as questions_n
    from items
    inner join themes on items.item_code = themes.item_code
    group by items.source, items.number, themes.theme_code
)

select
    tables.source,
    tables.number,
    tables.title,
    questions.theme_code
from tables
left join questions
    on tables.source = questions.source and tables.number = questions.number and questions.of_theme_n > questions.questions_n / 2
order by tables.source, tables.number
