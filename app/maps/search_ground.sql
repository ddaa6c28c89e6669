-- Which grids, managers and branches of the drawn plan answer to a name or code? Beginnings come first.
SELECT kind, id, code, name, detail, west, south, east, north FROM (
    SELECT 'grid' AS kind, g.id, g.code, g.name, g.town_name AS detail, ST_XMin(g.geom) AS west, ST_YMin(g.geom) AS south,
        ST_XMax(g.geom) AS east, ST_YMax(g.geom) AS north
    FROM grid g WHERE g.plan_id = :plan_id AND g.level = 3 AND (g.name LIKE :holds OR g.code ILIKE :begins)
    UNION ALL
    SELECT 'manager', s.id, s.code, s.name, min(b.name), min(ST_XMin(g.geom)), min(ST_YMin(g.geom)),
        max(ST_XMax(g.geom)), max(ST_YMax(g.geom))
    FROM grid g
    JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
    JOIN staff s ON s.id = d.staff_id LEFT JOIN branch b ON b.id = g.branch_id
    WHERE g.plan_id = :plan_id AND g.level = 3 AND (s.name LIKE :holds OR s.code ILIKE :begins)
    GROUP BY s.id, s.code, s.name
    UNION ALL
    SELECT 'branch', b.id, b.code, b.name, b.branch_type, min(ST_XMin(g.geom)), min(ST_YMin(g.geom)),
        max(ST_XMax(g.geom)), max(ST_YMax(g.geom))
    FROM grid g JOIN branch b ON b.id = g.branch_id
    WHERE g.plan_id = :plan_id AND g.level = 3 AND (b.name LIKE :holds OR b.code ILIKE :begins)
    GROUP BY b.id, b.code, b.name, b.branch_type
) AS hits
ORDER BY name LIKE :begins DESC, kind, code LIMIT 20
