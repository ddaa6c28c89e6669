-- A visit as reported; a report sent twice is stored once. On which day was it?
WITH here AS (
    SELECT CASE WHEN CAST(:lon AS float8) IS NOT NULL
        THEN ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) END AS geom
)
INSERT INTO visit (client_key, customer_id, grid_id, staff_id, visited_at, phone_at, clock_off_s, kind, outcome, note,
    geom, accuracy_m, inside_grid)
SELECT :client_key, CAST(:customer_id AS bigint), :grid_id, :staff_id, :visited_at, CAST(:phone_at AS timestamptz),
    CAST(:clock_off_s AS bigint), :kind, :outcome, :note, here.geom, :accuracy_m,
    (SELECT g.geom && here.geom AND ST_Covers(g.geom, here.geom) FROM grid g WHERE g.id = :grid_id)
FROM here
ON CONFLICT (client_key) DO NOTHING
RETURNING id, CAST(visited_at AS date) AS day
