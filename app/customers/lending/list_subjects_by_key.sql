-- Where do customers live, by source and key, as far as is known today; and does the viewer see them?
SELECT DISTINCT c.id, c.source_code, c.source_key, c.gone_at, p.rung, p.method, p.score, ST_X(p.geom) AS lon,
       ST_Y(p.geom) AS lat, p.unit_code, p.accuracy_m, p.datum,
       CAST(:all AS boolean) OR EXISTS (SELECT 1 FROM assignment_row a WHERE a.customer_id = c.id
           AND a.grid_key = ANY ((SELECT getu_keys_of(getu_viewer_grids()))::bigint[])) AS seen
FROM unnest(CAST(:sources AS text[]), CAST(:keys AS text[])) AS q (source, key)
JOIN customer c ON c.source_code = q.source AND c.source_key = q.key
LEFT JOIN placement p ON p.customer_id = c.id
