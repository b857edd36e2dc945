"""What any layer may use: problems, strict CSV, rows by their model, texts, values, personal data, files written whole.

Not here: anything that knows a round, a seed, an extract or a release.
"""
