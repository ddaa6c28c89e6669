-- The houses of the bank, for a stand-alone map.
SELECT id, code, name, kind, ST_AsBinary(geom) AS shape FROM branch
WHERE geom IS NOT NULL AND (CAST(:branch_id AS bigint) IS NULL OR :branch_id IN (id, parent_id));
