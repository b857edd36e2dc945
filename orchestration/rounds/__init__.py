"""A new round without code: from an extract to a codebook, a crosswalk and the seeds that follow from it.

Here: what `needs round` does. Not here: what a well-formed codebook or crosswalk is (codebook.py, crosswalk.py),
reading extracts by a codebook (readers/), importing the codebooks of platforms.
"""
