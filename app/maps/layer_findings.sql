-- Which faults of the ground lie in this tile, as shapes and as one label each? (Notices about grids are no faults.)
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), faults AS (
    SELECT f.id, f.kind, f.severity, f.area_m2, f.customers, array_to_string(f.names, ' × ') AS names, f.geom AS shape,
        ST_Transform(ST_PointOnSurface(f.geom), 3857) AS middle
    FROM finding f, tile
    WHERE f.plan_id = :faults_plan_id AND f.state = 'open' AND f.geom && tile.bounds
        AND f.kind <> ALL (CAST(:notices AS text[]))
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(f.shape, 3857), tile.box, 4096, 64, true) AS geom, f.id, f.kind, f.severity, f.names,
        f.area_m2, f.customers
    FROM faults f, tile
), labels AS (
    SELECT ST_AsMVTGeom(f.middle, tile.box, 4096, 0, false) AS geom, f.id, f.kind, f.severity, f.names, f.area_m2, f.customers
    FROM faults f, tile
    WHERE ST_X(f.middle) >= ST_XMin(tile.box) AND ST_X(f.middle) < ST_XMax(tile.box)
        AND ST_Y(f.middle) > ST_YMin(tile.box) AND ST_Y(f.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(shapes, 'findings', 4096, 'geom', 'id'), '') FROM shapes WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(labels, 'finding_labels', 4096, 'geom', 'id'), '') FROM labels);
