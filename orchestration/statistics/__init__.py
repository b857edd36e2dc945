"""The mathematics of evidence: pure functions of counts, done by scipy and statsmodels.

proportions.py judges shares and their differences, ordinal.py levels of a scale, paired.py the same cities asked
twice, multiplicity.py many tests at once. Not here: what is compared with what (dbt_project/), what may leave
(disclosure/).
"""
