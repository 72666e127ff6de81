"""How are charts drawn?

Vega-Lite specifications as plain data: the browser draws them, and so does vl-convert for pictures
and reports. They name styles, `theme` says what those look like by day and by night.
"""
