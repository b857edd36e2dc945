-- Titles of the report tables and figures, from the description of the release.
with tables as (
    select unnest(resources) as resource
    from read_json('${release}/datapackage.json', columns = {resources: 'struct(name varchar, title varchar)[]'})
)
select
    split_part(resource.name, '_', 1) as source,
    split_part(resource.name, '_', 2)::integer as number,
    resource.title as title
from tables
where regexp_matches(resource.name, '^(table|figure)_[0-9]+$')
order by source, number
