"""How do results go back to where people work?

As lists of leads to call, for a dialler, and as properties of the records of a CRM. Both stand on
the same judgement: `callable` says who may be called now, `chance` how likely one is reached.
"""
