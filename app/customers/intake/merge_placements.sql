-- The waiting rows' placements; what a person said stays, a map service's answer until the bank's own names know the village.
INSERT INTO placement AS p (customer_id, rung, method, score, geom, place_code, unit_code, accuracy_m, datum)
SELECT n.id, r.rung, r.method, r.score, r.geom, r.place_code, r.unit_code, r.accuracy_m, r.datum
FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS n (row_no, id)
JOIN intake_row r ON r.import_id = :import_id AND r.row_no = n.row_no
ON CONFLICT (customer_id) DO UPDATE SET
    rung = excluded.rung, method = excluded.method, score = excluded.score, geom = excluded.geom,
    place_code = excluded.place_code, unit_code = excluded.unit_code, accuracy_m = excluded.accuracy_m,
    datum = excluded.datum
WHERE p.method NOT IN ('pin', 'choose', 'outside')
    AND (p.method NOT LIKE 'provider:%' OR excluded.rung BETWEEN 1 AND 5)
    AND (p.rung, p.method, p.score, p.place_code, p.unit_code, p.datum, CAST(p.geom AS bytea))
        IS DISTINCT FROM (excluded.rung, excluded.method, excluded.score, excluded.place_code, excluded.unit_code,
                          excluded.datum, CAST(excluded.geom AS bytea))
