-- How many houses of each kind does the map show?
SELECT kind AS key, count(*) AS number FROM branch WHERE geom IS NOT NULL GROUP BY kind;
