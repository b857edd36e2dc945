"""A round: its source card, its codebook, its crosswalk to an earlier round, reviewed corrections of its answers.

Not here: reading its extract (readers/), other seeds (knowledge/).
"""
