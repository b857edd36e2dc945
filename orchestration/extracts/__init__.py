"""The delivered files of a round as bytes, and what they are: kind, encoding, delimiter, header, records.

The only place that sniffs: readers, new rounds and imports of questionnaires ask here.

Not here: what a platform writes into them (readers/).
"""
