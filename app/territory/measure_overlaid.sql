-- How many square metres of a plan's grids lie under a grid that stands before them, as markets laid over villages do?
WITH ranked AS (
    SELECT g.id, g.geom, g.kind = ANY (CAST(:upper AS text[])) AS upper,
           rank() OVER (ORDER BY coalesce(array_position(CAST(:precedence AS text[]), g.kind), 99), g.code COLLATE "C", g.id) AS place
    FROM grid g
    WHERE g.plan_id = :plan_id AND g.level = 3
)
SELECT coalesce(sum(ST_Area(CAST(under.shape AS geography))), 0) AS overlaid_m2
FROM ranked g
CROSS JOIN LATERAL (
    SELECT ST_Intersection(g.geom, ST_Union(h.geom)) AS shape
    FROM ranked h
    WHERE h.place < g.place AND (g.upper OR h.upper) AND h.geom && g.geom AND ST_Intersects(h.geom, g.geom)
) AS under
WHERE under.shape IS NOT NULL
