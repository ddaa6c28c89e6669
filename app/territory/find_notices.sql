-- What is to be noticed about grids of a plan (all, or some): ground in parts, nobody or two who answer for it, a kind
-- that a branch of this type should not hold. A draft without a first day looks at whoever holds it from the day on.
WITH asked AS (
    SELECT g.id, g.geom, g.kind, g.branch_id
    FROM grid g
    WHERE g.plan_id = :plan_id AND g.level = 3
      AND (CAST(:grid_ids AS bigint[]) IS NULL OR g.id = ANY (CAST(:grid_ids AS bigint[])))
), held AS (
    SELECT d.id, d.grid_id, d.valid, s.code, s.name
    FROM duty d JOIN staff s ON s.id = d.staff_id
    WHERE d.grid_id IN (SELECT id FROM asked) AND d.role = 'primary' AND upper_inf(d.recorded) AND NOT isempty(d.valid)
)
SELECT a.id AS grid_id, 'multipart' AS kind, NULL AS verdict, jsonb_build_object('parts', ST_NumGeometries(a.geom)) AS detail
FROM asked a
WHERE ST_NumGeometries(a.geom) > 1
UNION ALL
SELECT a.id, 'no_primary', NULL, jsonb_build_object('on', CAST(:on AS date))
FROM asked a
WHERE NOT EXISTS (
    SELECT 1 FROM held h
    WHERE h.grid_id = a.id
      AND h.valid && CASE WHEN CAST(:dated AS boolean) THEN daterange(CAST(:on AS date), CAST(:on AS date), '[]')
                          ELSE daterange(CAST(:on AS date), NULL) END)
UNION ALL
SELECT h.grid_id, 'two_primaries', NULL, jsonb_build_object(
    'people', (array_agg(jsonb_build_array(jsonb_build_object('code', h.code, 'name', h.name),
                                           jsonb_build_object('code', k.code, 'name', k.name)) ORDER BY h.id, k.id))[1],
    'from', min(lower(h.valid * k.valid)), 'to', CASE WHEN bool_or(upper_inf(h.valid * k.valid)) THEN NULL
                                                      ELSE max(upper(h.valid * k.valid)) END)
FROM held h JOIN held k ON k.grid_id = h.grid_id AND k.id > h.id AND k.valid && h.valid
GROUP BY h.grid_id
UNION ALL
SELECT a.id, 'branch_type', r.verdict, jsonb_build_object('branch', b.code, 'branch_name', b.name,
    'branch_type', b.branch_type, 'grid_kind', a.kind, 'verdict', r.verdict)
FROM asked a
JOIN branch b ON b.id = a.branch_id
JOIN branch_type_rule r ON r.branch_type = b.branch_type AND r.grid_kind = a.kind AND r.verdict <> 'allowed'
ORDER BY 1, 2
