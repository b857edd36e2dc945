-- Grain: one row a wave × its base wave × cohort × need × kind of comparison × grouping dimension × member
-- (wave, base_wave, cohort_code, need_code, comparison_kind, dimension_code, member_code): how a need changed since the
-- base wave, by all cities of either wave or by the same cities, and a verdict.
with limits as (
    {{ evidence_limits() }}
)

select
    changes.wave,
    changes.base_wave,
    changes.cohort_code,
    changes.need_code,
    needs.label as need_label,
    needs.theme_code,
    changes.comparison_kind,
    changes.comparison_kind = 'panel' as is_paired,
    changes.dimension_code,
    changes.member_code,
    changes.family,
    changes.comparability,
    changes.n,
    changes.base_n,
    {{ percent('changes.n', 'changes.base_n') }} as share_pct,
    changes.mean_need_level,
    changes.comparison_n,
    changes.comparison_base_n,
    {{ percent('changes.comparison_n', 'changes.comparison_base_n') }} as comparison_share_pct,
    changes.comparison_mean_need_level,
    changes.gained_n,
    changes.ended_n,
    tests.alternatives_n,
    case when changes.comparison_kind = 'panel' then changes.comparison_whole_n - changes.comparison_n end as left_n,
    case when changes.comparison_kind = 'panel' then changes.comparison_whole_base_n - changes.comparison_base_n end
        as left_base_n,
    case when changes.comparison_kind = 'panel' then changes.whole_n - changes.n end as joined_n,
    case when changes.comparison_kind = 'panel' then changes.whole_base_n - changes.base_n end as joined_base_n,
    changes.comparison_whole_n,
    tests.difference_pp,
    tests.difference_low_pp,
    tests.difference_high_pp,
    case
        when tests.p_value is not null
            then round(
                2 * asin(sqrt(changes.n / changes.base_n))
                - 2 * asin(sqrt(changes.comparison_n / changes.comparison_base_n)), 4
            )
    end as cohens_h,
    tests.test_name,
    tests.p_value,
    tests.adjusted_p_value,
    case
        when not changes.is_comparable then 'not comparable'
        when least(coalesce(changes.base_n, 0), coalesce(changes.comparison_base_n, 0)) < limits.base_min then 'too few'
        when tests.p_value > limits.p then 'no clear change'
        else
            case when tests.adjusted_p_value > limits.adjusted_p then 'possible ' else '' end
            || case when tests.difference_pp > 0 then 'increase' else 'decrease' end
            || case when changes.comparability = 'same' then '' else ' or wording' end
    end as verdict
from {{ ref('int_need_changes') }} as changes
inner join {{ ref('dim_need') }} as needs using (need_code)
left join {{ ref('int_need_change_tests') }} as tests using (comparison_code)
cross join limits
