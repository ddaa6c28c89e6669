-- Which houses of the bank have a point, in order of code?
SELECT b.id, b.code, b.name, b.kind, b.branch_type, ST_X(b.geom) AS lon, ST_Y(b.geom) AS lat
FROM branch b
WHERE b.geom IS NOT NULL AND (CAST(:codes AS text[]) IS NULL OR b.code = ANY (CAST(:codes AS text[])))
ORDER BY b.code COLLATE "C"
