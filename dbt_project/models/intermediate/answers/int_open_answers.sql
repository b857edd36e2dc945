-- Grain: one row a response × item that is coded from its open answer (response_key, item_code): whether codings decide
-- what the text says, and who made those that do.
with codings as (
    select
        response_key,
        question_code,
        bool_or(is_counted) as has_counted,
        {{ joined_codes('case when is_counted then coder end') }} as coders,
        max(case when is_counted then coded_on end) as coded_on
    from {{ ref('stg_codings') }}
    group by response_key, question_code
)

select
    texts.response_key,
    texts.item_code,
    responses.instrument,
    responses.round,
    texts.question_code,
    case
        when codings.has_counted then 'coded'
        when codings.response_key is null then 'not coded'
        else 'coders differ'
    end as coding_state,
    codings.coders as coder,
    codings.coded_on
from {{ ref('int_source_answers') }} as texts
inner join {{ ref('stg_responses') }} as responses using (response_key)
left join codings on texts.response_key = codings.response_key and texts.question_code = codings.question_code
where texts.method = 'coded'
