-- How do the customers stand whose points lie in these boxes (in `lonely` ones only those whom no grid covers)?
SELECT a.customer_id AS id, a.rung, ST_X(a.geom) AS x, ST_Y(a.geom) AS y, 0 AS unit,
    coalesce(a.grid_key, 0) AS old_key, a.run_id AS old_run, a.method, a.reason
FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]), CAST(:north AS float8[]),
    CAST(:lonely AS boolean[])) AS b (west, south, east, north, lonely)
JOIN assignment_row a ON a.geom && ST_MakeEnvelope(b.west, b.south, b.east, b.north, 4326)
    AND (NOT b.lonely OR a.method IN ('edge', 'outside'))
