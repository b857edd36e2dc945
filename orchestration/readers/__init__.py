"""Readers of extracts, one module a platform: files + codebook + source card → responses, answers, rejected.

Not here: where the bytes come from (extracts/), where results are kept (landing/), rules on values
(expectations/door.py).
"""
