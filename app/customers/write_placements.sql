-- These placements stand from now on as given.
UPDATE placement p SET rung = r.rung, method = r.method, score = r.score, geom = ST_GeomFromEWKB(decode(r.geom, 'hex')),
    place_code = r.place_code, unit_code = r.unit_code, accuracy_m = r.accuracy_m, datum = r.datum
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (customer_id bigint, rung smallint, method text, score float8,
    geom text, place_code text, unit_code text, accuracy_m float8, datum text)
WHERE p.customer_id = r.customer_id
