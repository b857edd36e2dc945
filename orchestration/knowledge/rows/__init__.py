"""What a well-formed row of each seed is: one model a file, fields in the order of the columns, a module a subject.

Not here: which files there are (seed_files.py), reading them (load.py), what a column means (seeds/README.md).
"""
