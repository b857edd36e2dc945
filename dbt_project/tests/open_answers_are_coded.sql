-- Open answers that an item is coded from and no coding decides yet: their cities are in no base of the item.
-- `needs coding list` shows the texts.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_open_answers'}}}) }}
select
    instrument,
    round,
    question_code,
    item_code,
    coding_state,
    count(*) as answers_n
from {{ ref('int_open_answers') }}
where coding_state <> 'coded'
group by instrument, round, question_code, item_code, coding_state
