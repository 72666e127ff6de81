"""How does a question become work for an engine?

Pure functions and frozen nodes: `planner` turns a question into a `nodes.Plan`; every engine in
`engines` renders or evaluates the same plan.
"""
