-- Which grids of a plan hold a point, in the plan's precedence of kinds, and who holds them on a day as known at a moment?
-- One row without a grid, when none holds it, says whether the point lies in the plan's frame.
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS point
)
SELECT ST_Covers(p.frame, asked.point) AS in_frame, g.id, g.code, g.name, g.kind, g.town_code, g.town_name,
       b.code AS branch_code, b.name AS branch_name, b.branch_type,
       ST_Distance(CAST(ST_Boundary(g.geom) AS geography), CAST(asked.point AS geography)) AS edge_distance_m,
       (SELECT jsonb_object_agg(d.role, jsonb_build_object('code', s.code, 'name', s.name, 'phone', s.phone))
        FROM duty d JOIN staff s ON s.id = d.staff_id
        WHERE d.grid_id = g.id AND d.valid @> CAST(:on AS date)
          AND d.recorded @> coalesce(CAST(:known_at AS timestamptz), 'infinity'::timestamptz)) AS people
FROM plan p
CROSS JOIN asked
LEFT JOIN grid g ON g.plan_id = p.id AND g.level = 3 AND g.geom && asked.point AND ST_Covers(g.geom, asked.point)
LEFT JOIN branch b ON b.id = g.branch_id
WHERE p.id = :plan_id
ORDER BY coalesce(array_position(CAST(:precedence AS text[]), g.kind), 99), g.code COLLATE "C"
