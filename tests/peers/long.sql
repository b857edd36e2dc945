-- What an extract says, one row a response, question and choice.
select
    contribution_id as response_id,
    question_code,
    unnest(string_split(answer, ';')) as answer
from (
    unpivot extract
    on columns(* exclude (contribution_id))
    into name question_code value answer
)
where answer <> '';
