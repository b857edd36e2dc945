"""The `needs` command: each subcommand calls one function and shows the result.

Not here: any work.
"""
