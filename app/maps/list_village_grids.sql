-- Which grids of the drawn plan in sight hold ground of an official place? A shared border alone is none.
SELECT g.id
FROM unit u JOIN grid g ON g.geom && u.geom AND g.plan_id = :plan_id AND g.level = 3
WHERE u.id = :unit_id
    AND (u.code = ANY (g.unit_codes) OR (ST_Intersects(g.geom, u.geom)
        AND ST_Area(ST_Intersection(g.geom, u.geom)) > 0.02 * least(ST_Area(g.geom), ST_Area(u.geom))))
ORDER BY g.code
