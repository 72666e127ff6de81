"""What do all CRMs that are read over an API have in common?

A CRM's own package says which endpoints hold what and what their values mean; here is the rest:

- `api`: asks, waits, asks again; says in one sentence why nothing came
- `walk`: goes through what changed, however much changed at the same instant
- `pages`: rows of JSON to pages of a spool, and where to go on
- `options`, `sql`, `staging`: what a team decides, and how rows of JSON become canonical tables
"""
