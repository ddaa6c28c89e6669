-- Which existing customers of these grids are due for a visit: strategic and key ones first, then who is nearest?
WITH here AS (
    SELECT CASE WHEN CAST(:lon AS float8) IS NOT NULL
        THEN ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326)::geography END AS point
), own AS MATERIALIZED (
    -- Somewhere in a grid is as far as its middle and half its width.
    SELECT g.id, g.code, g.name,
        ST_Distance(g.anchor::geography, here.point) + sqrt(ST_Area(g.geom::geography) / pi()) AS distance_m
    FROM grid g CROSS JOIN here WHERE g.id = ANY (CAST(:grids AS bigint[]))
), due AS (
    SELECT c.id, c.name, c.kind, a.tier, c.last_visit_on, a.grid_id, a.geom, c.filed,
        c.last_visit_on + CASE a.tier WHEN 'strategic' THEN CAST(:strategic_days AS int)
            WHEN 'key' THEN CAST(:key_days AS int) ELSE CAST(:regular_days AS int) END AS due_on
    FROM assignment a JOIN customer c ON c.id = a.customer_id
    WHERE a.grid_id = ANY (CAST(:grids AS bigint[])) AND a.standing = 'existing'
)
SELECT d.id, d.name, d.kind, d.tier, d.last_visit_on, d.due_on, d.filed, own.id AS grid_id, own.code AS grid_code,
    own.name AS grid_name, ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat, count(*) OVER () AS total,
    count(*) FILTER (WHERE d.tier <> 'regular') OVER () AS total_key,
    coalesce(ST_Distance(d.geom::geography, here.point), own.distance_m) AS distance_m
FROM due d JOIN own ON own.id = d.grid_id CROSS JOIN here
WHERE d.due_on IS NULL OR d.due_on <= current_date
ORDER BY array_position(ARRAY['strategic', 'key', 'regular'], d.tier),
    coalesce(ST_Distance(d.geom::geography, here.point), own.distance_m) NULLS LAST,
    own.code COLLATE "C", d.due_on NULLS LAST, d.id
LIMIT :limit
