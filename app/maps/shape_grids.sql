-- The grids of the drawn plan (of one branch, where given) with who holds them, for a stand-alone map.
SELECT g.id AS grid_id, g.code, g.name, g.town_name AS town, g.colour_no, g.area_m2, g.households, g.branch_id,
    b.name AS branch, b.branch_type, s.id AS manager_id, s.name AS manager, s.code AS manager_code,
    (SELECT min(l.name) FROM duty v JOIN staff l ON l.id = v.staff_id
     WHERE v.grid_id = g.id AND v.role = 'liaison' AND upper_inf(v.recorded) AND v.valid @> current_date) AS liaison,
    round(ST_X(g.anchor)::numeric, 5)::float8 AS lon, round(ST_Y(g.anchor)::numeric, 5)::float8 AS lat,
    ST_XMin(g.geom) AS west, ST_YMin(g.geom) AS south, ST_XMax(g.geom) AS east, ST_YMax(g.geom) AS north,
    ST_AsBinary(g.geom) AS shape
FROM grid g
LEFT JOIN branch b ON b.id = g.branch_id
LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
LEFT JOIN staff s ON s.id = d.staff_id
WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch_id AS bigint) IS NULL OR g.branch_id = :branch_id)
ORDER BY g.code;
