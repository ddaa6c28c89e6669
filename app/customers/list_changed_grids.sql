-- Which level 3 grids (of these keys; NULL of all) differ between two plans: in shape, kind or official places?
SELECT key_id, b.id AS before_id, a.id AS after_id, b.kind IS DISTINCT FROM a.kind AS other_kind,
    ST_AsBinary(b.geom) AS before_wkb, ST_AsBinary(a.geom) AS after_wkb,
    coalesce(b.unit_codes, '{}') AS before_units, coalesce(a.unit_codes, '{}') AS after_units,
    coalesce(n.existing + n.prospects, 0) AS customers
FROM (SELECT key_id, id, kind, geom, unit_codes FROM grid WHERE plan_id = :before_id AND level = 3
    AND (CAST(:keys AS bigint[]) IS NULL OR key_id = ANY(CAST(:keys AS bigint[])))) b
FULL JOIN (SELECT key_id, id, kind, geom, unit_codes FROM grid WHERE plan_id = :after_id AND level = 3
    AND (CAST(:keys AS bigint[]) IS NULL OR key_id = ANY(CAST(:keys AS bigint[])))) a USING (key_id)
LEFT JOIN grid_count_row n ON n.grid_key = key_id
WHERE b.id IS NULL OR a.id IS NULL OR b.kind <> a.kind OR b.unit_codes <> a.unit_codes OR NOT (b.geom = a.geom)
