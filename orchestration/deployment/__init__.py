"""What keeps a deployment sound: the lock, cleanup, the history of runs, the doctor.

Not here: stages (pipeline/), the content of landings, warehouses and releases.
"""
