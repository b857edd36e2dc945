"""A round: its source card, codebook, crosswalk to an earlier round, reviewed corrections and codings of its answers.

Not here: reading its extract (readers/), other seeds (knowledge/).
"""
