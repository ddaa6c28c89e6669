-- The towns that the sheet's grids belong to, dissolved from the official units (so that they are whole).
SELECT u.town_name AS name, ST_AsBinary(ST_Multi(ST_Union(u.geom))) AS geom
FROM unit u
WHERE u.kind IN ('village', 'community') AND u.valid @> current_date AND u.town_code IN (
    SELECT g.town_code FROM grid g LEFT JOIN branch b ON b.id = g.branch_id
    WHERE g.plan_id = :plan_id AND g.level = 3 AND (CAST(:branch AS text) IS NULL OR b.code = :branch))
GROUP BY u.town_code, u.town_name ORDER BY u.town_code
