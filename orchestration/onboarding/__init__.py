"""A new round without code: proposals, crosswalk, what follows for the seeds; codebooks from questionnaires.

Not here: reading a round's extract (readers/), what a well-formed round is (rounds/).
"""
