"""All that knows Dagster: assets, checks, jobs, schedules, sensors, alerts, dbt in this process, the refresh.

Not here: any work of a stage.
"""
