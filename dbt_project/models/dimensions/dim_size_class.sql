-- Grain: one row a city size class (size_class_code); the lower bound belongs to the class, the upper does not.
select
    classes.choice_code as size_class_code,
    scales.label,
    scales.position,
    classes.lower_inclusive as population_from,
    classes.upper_exclusive as population_below
from {{ source('knowledge', 'number_classes') }} as classes
inner join {{ source('knowledge', 'scales') }} as scales
    on classes.choice_code = scales.choice_code and scales.scale_code = 'size_class'
where classes.choice_map = 'size_class'
