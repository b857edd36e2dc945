-- Files of the release with their titles, from its description.
with files as (
    select unnest(resources) as resource
    from read_json(
        '${release}/datapackage.json', columns = {resources: 'struct(title varchar, path varchar, bytes bigint)[]'}
    )
)
select
    resource.title as title,
    resource.path as path,
    resource.bytes as bytes
from files
order by path
