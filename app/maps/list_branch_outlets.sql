-- Which outlets stand under a branch?
SELECT id, code, name, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM branch WHERE parent_id = :branch_id AND kind = 'outlet' ORDER BY code
