"""Where do people and programs meet the numbers?

The dashboard, its JSON twins and the API in one process. Every number in here comes from
`Gauge.ask`, asked under the row rules of whoever looks.
"""
