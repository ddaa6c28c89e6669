-- A visit as reported; a report sent twice is stored once. On which day was it?
INSERT INTO visit (client_key, customer_id, grid_id, staff_id, visited_at, outcome, note, geom, accuracy_m)
VALUES (:client_key, :customer_id, :grid_id, :staff_id, :visited_at, :outcome, :note,
    CASE WHEN CAST(:lon AS float8) IS NULL THEN NULL
         ELSE ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) END, :accuracy_m)
ON CONFLICT (client_key) DO NOTHING
RETURNING id, CAST(visited_at AS date) AS day
