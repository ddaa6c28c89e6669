"""Tables with shapes in them: delimited text, workbooks, GeoParquet.

What is a shape is told by the content of a column, not by its heading; a table without shapes but with
longitude and latitude gives points.
"""
