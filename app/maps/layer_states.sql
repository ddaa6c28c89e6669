-- In which state is each grid of this tile: held, vacant, offered or contested?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box
), outline AS (
    SELECT o.id, substring(CAST(:shape_pile AS bytea) FROM o.start FOR o.bytes) AS shape
    FROM unnest(CAST(:shape_ids AS bigint[]), CAST(:shape_starts AS int[]), CAST(:shape_bytes AS int[])) AS o (id, start, bytes)
), here AS (
    SELECT g.id, g.code, g.name, g.branch_id, g.area_m2, o.shape, d.staff_id AS manager_id,
        CASE WHEN EXISTS (SELECT 1 FROM finding f WHERE f.plan_id IN (:plan_id, :faults_plan_id) AND f.state = 'open'
            AND f.kind IN ('overlap', 'duplicate') AND f.kind <> ALL (CAST(:notices AS text[])) AND g.code = ANY (f.codes)) THEN 'contested'
        WHEN EXISTS (SELECT 1 FROM allotment a WHERE a.grid_id = g.id AND a.state = 'offered' AND a.role = 'primary') THEN 'offered'
        WHEN d.staff_id IS NULL THEN 'vacant' ELSE 'held' END AS state
    FROM outline o JOIN grid g ON g.id = o.id
    LEFT JOIN duty d ON d.grid_id = g.id AND d.role = 'primary' AND upper_inf(d.recorded) AND d.valid @> current_date
    WHERE g.plan_id = :plan_id AND g.level = 3
), shapes AS MATERIALIZED (
    SELECT ST_AsMVTGeom(ST_GeomFromWKB(h.shape, 3857), tile.box, 4096, 64, true) AS geom, h.id, h.id AS grid_id, h.code, h.name,
        h.branch_id, h.manager_id, h.state
    FROM here h, tile ORDER BY h.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'states', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
