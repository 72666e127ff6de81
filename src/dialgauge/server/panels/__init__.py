"""Of what are pages made?

A page is a list of panels; a panel asks its questions and says what its template and its chart
show. One file a kind of panel; each has a template of the same name in `templates/panels`.
"""
