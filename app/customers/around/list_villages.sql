-- Which villages and communities stand today, where is each one's point, and which branch in sight holds most of it?
WITH standing AS (
    SELECT DISTINCT ON (code) code, name, town_name, households, residents, area_m2, geom
    FROM unit WHERE kind IN ('village', 'community') AND valid @> current_date ORDER BY code, id DESC
), named AS (
    SELECT DISTINCT ON (code) code, geom FROM place WHERE geom IS NOT NULL AND level IN ('village', 'community')
    ORDER BY code, id
), holders AS (
    SELECT h.code, count(*) OVER (PARTITION BY h.code) AS branches, h.branch_code, h.branch_name,
        row_number() OVER (PARTITION BY h.code ORDER BY h.area_m2 DESC, h.branch_code COLLATE "C") AS rank
    FROM (
        SELECT v.code, b.code AS branch_code, b.name AS branch_name, sum(g.area_m2) AS area_m2
        FROM grid g
        JOIN plan l ON l.id = g.plan_id AND l.status IN ('in_force', 'retired') AND l.valid @> current_date
        JOIN branch b ON b.id = g.branch_id
        CROSS JOIN unnest(g.unit_codes) AS v (code)
        WHERE g.level = 3
        GROUP BY 1, 2, 3
    ) h
)
SELECT s.code, s.name, s.town_name, s.households, s.residents, s.area_m2, h.branch_code, h.branch_name,
    coalesce(h.branches, 0) AS branches, n.code IS NOT NULL AS named,
    ST_X(coalesce(n.geom, ST_PointOnSurface(s.geom))) AS lon, ST_Y(coalesce(n.geom, ST_PointOnSurface(s.geom))) AS lat,
    CASE WHEN CAST(:drawn AS boolean) THEN ST_AsBinary(s.geom) END AS wkb
FROM standing s
LEFT JOIN named n ON n.code = s.code
LEFT JOIN holders h ON h.code = s.code AND h.rank = 1
ORDER BY s.code COLLATE "C"
