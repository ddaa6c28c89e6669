-- How many customers in sight carry a point, of all in sight: in grids, and (head office) outside or unlocated?
SELECT count(*) AS total, count(geom) AS placed, count(grid_id) AS enrolled FROM assignment;
