"""Which city a response means: names and places, links, what an open name may mean, the review.

Here: `link`, `gazetteer`, `suggest`, `review`. Not here: what is counted with the links (dbt_project/), reviewed names
(knowledge/rows/cities.py).
"""
