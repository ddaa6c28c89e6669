-- How many customers have a placement?
SELECT count(*) FROM placement
