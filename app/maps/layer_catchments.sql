-- Which ground is nearer to this outlet than to any other? Cells between the outlets, cut to the plan's frame; Mercator keeps
-- directions and over one county its scale, so that the nearest on it is the nearest on the ground.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), houses AS (
    SELECT b.id, b.name, ST_Transform(b.geom, 3857) AS geom FROM branch b WHERE b.geom IS NOT NULL
), frame AS (
    SELECT ST_Transform(frame, 3857) AS geom FROM plan WHERE id = :plan_id
), cells AS (
    SELECT (ST_Dump(ST_VoronoiPolygons(ST_Collect(h.geom), 0, (SELECT ST_Envelope(geom) FROM frame)))).geom AS geom FROM houses h
), near AS (
    SELECT c.geom FROM cells c, tile WHERE c.geom && tile.box
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Intersection(n.geom, frame.geom), tile.box, 4096, 64, true) AS geom, h.id, h.name
    FROM tile, frame, near n JOIN LATERAL (
        SELECT h.id, h.name FROM houses h WHERE h.geom && n.geom AND ST_Intersects(h.geom, n.geom) LIMIT 1
    ) h ON true
)
SELECT ST_AsMVT(shapes, 'catchments', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
