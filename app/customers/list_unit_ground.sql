-- Which grids in which customers stand today hold these units, and what is each unit's ground in them?
SELECT g.id AS grid_id, u.code AS unit_code, cardinality(g.unit_codes) AS units, ST_AsBinary(g.geom) AS grid_wkb,
    (SELECT ST_AsBinary(ST_Union(t.geom)) FROM unit t
     WHERE cardinality(g.unit_codes) > 1 AND t.code = u.code AND t.valid @> current_date) AS unit_wkb,
    (SELECT count(*) FROM assignment a JOIN placement p ON p.customer_id = a.customer_id
     WHERE a.grid_id = g.id AND a.method = 'unit' AND p.unit_code = u.code) AS pointless
FROM standing_grid s
JOIN grid g ON g.id = s.id AND g.level = 3 AND g.unit_codes && CAST(:units AS text[])
CROSS JOIN LATERAL (SELECT DISTINCT code FROM unnest(g.unit_codes) AS code) u
WHERE u.code = ANY (CAST(:units AS text[]))
