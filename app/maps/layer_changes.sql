-- Which grids of this tile have changed since a day, and how many customers came to each and left it?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), since AS (
    SELECT coalesce(CAST(:since AS date), current_date - 30) AS day
), before AS (
    SELECT g.key_id, g.geom, g.branch_id, d.staff_id FROM since CROSS JOIN plan p JOIN grid g ON g.plan_id = p.id AND g.level = 3
    LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> since.day
    WHERE p.status IN ('in_force', 'retired') AND p.valid @> since.day
), moves AS (
    SELECT k.key, sum(k.came)::int AS came, sum(k.gone)::int AS gone
    FROM since, assignment_move m, LATERAL (VALUES (m.to_key, 1, 0), (m.from_key, 0, 1)) AS k (key, came, gone)
    WHERE m.moved_at >= since.day AND m.from_key IS DISTINCT FROM m.to_key GROUP BY k.key
), compared AS (
    SELECT g.id AS grid_id, g.code, g.name, g.branch_id, g.geom, g.anchor, g.area_m2, coalesce(m.came, 0) AS came, coalesce(m.gone, 0) AS gone,
        CASE WHEN NOT EXISTS (SELECT 1 FROM before) THEN 'same' WHEN b.key_id IS NULL THEN 'new'
            WHEN b.geom IS DISTINCT FROM g.geom AND NOT ST_Equals(b.geom, g.geom) THEN 'shape'
            WHEN b.branch_id IS DISTINCT FROM g.branch_id THEN 'branch'
            WHEN b.staff_id IS DISTINCT FROM d.staff_id THEN 'holder' ELSE 'same' END AS change
    FROM grid g
    LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
    LEFT JOIN before b ON b.key_id = g.key_id LEFT JOIN moves m ON m.key = g.key_id
    WHERE g.plan_id = :plan_id AND g.level = 3
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(c.geom, 3857), tile.box, 4096, 64, true) AS geom, c.grid_id, c.code, c.name, c.change, c.came, c.gone
    FROM compared c, tile WHERE c.change <> 'same' AND c.geom && tile.bounds ORDER BY c.area_m2 DESC
), middles AS (
    SELECT c.grid_id, c.name, c.came, c.gone, ST_Transform(c.anchor, 3857) AS middle FROM compared c, tile
    WHERE c.came + c.gone > 0 AND c.anchor && tile.bounds
), points AS (
    SELECT ST_AsMVTGeom(v.middle, tile.box, 4096, 0, false) AS geom, v.grid_id, v.name, v.came, v.gone
    FROM middles v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(shapes, 'changes', 4096, 'geom'), '') FROM shapes WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(points, 'moves', 4096, 'geom'), '') FROM points);
