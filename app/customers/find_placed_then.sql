-- Where was this customer placed as known at a moment: the state before the first decision by hand after it, if any.
SELECT before ->> 'rung' AS rung, before ->> 'unit_code' AS unit_code,
       ST_X(ST_GeomFromEWKB(decode(before ->> 'geom', 'hex'))) AS lon,
       ST_Y(ST_GeomFromEWKB(decode(before ->> 'geom', 'hex'))) AS lat
FROM placement_step
WHERE customer_id = :customer_id AND at > CAST(:known_at AS timestamptz)
ORDER BY at, id
LIMIT 1
