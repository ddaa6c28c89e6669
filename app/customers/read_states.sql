-- How do these customers stand: placement and case whole, as a step keeps them? Their placements are locked.
SELECT p.customer_id, k.prefix, k.state AS case_state, k.kind AS case_kind, k.score AS case_score,
    jsonb_build_object(
        'rung', p.rung, 'method', p.method, 'score', p.score, 'geom', encode(ST_AsEWKB(p.geom), 'hex'),
        'place_code', p.place_code, 'unit_code', p.unit_code, 'accuracy_m', p.accuracy_m, 'datum', p.datum,
        'case', CASE WHEN k.customer_id IS NOT NULL THEN to_jsonb(k) END) AS stands,
    ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat
FROM placement p LEFT JOIN placement_case k ON k.customer_id = p.customer_id
WHERE p.customer_id = ANY(CAST(:ids AS bigint[]))
ORDER BY p.customer_id
FOR UPDATE OF p
