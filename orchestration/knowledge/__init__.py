"""Reviewed knowledge: typed, self-validating rows of the seeds, loaded once and passed down.

Not here: rounds and their codebooks (rounds/).
"""
