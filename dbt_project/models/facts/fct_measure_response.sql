-- Grain: one row a wave × measure × response of a city in the measure's base (wave, measure_id, response_key): who is
-- behind a number of a sentence, with file, sheet and row. The responses are those that tell the measure's items of the
-- city, whichever round they are of; where none does, the one that stands for the city in the cohort. A query that is
-- answered when it is asked: rows of all measures would be many times the answers.
{{ config(materialized='view') }}
{{ traced_measures(ref('int_measure_members')) }}
