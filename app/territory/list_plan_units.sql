-- Which units of these kinds, valid on a day, may become grids: all of them, or those of some imports?
SELECT u.id, u.code, u.kind, u.name, u.town_code, u.town_name, u.households, u.synthetic, ST_AsBinary(u.geom) AS wkb
FROM unit u
WHERE u.kind = ANY (CAST(:kinds AS text[]))
  AND ((cardinality(CAST(:import_ids AS bigint[])) = 0 AND u.valid @> CAST(:on AS date))
       OR u.import_id = ANY (CAST(:import_ids AS bigint[])))
ORDER BY u.code COLLATE "C", u.id
