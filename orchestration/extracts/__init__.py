"""The delivered files of a round as bytes, and what they are: kind, encoding, records.

Not here: what a platform writes into them (readers/).
"""
