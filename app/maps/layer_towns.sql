-- Which town borders lie in this tile, and which towns' names? Both are told with the question, as `tiles/outlines` keeps
-- them: a border between two towns is one line, simplified with all others, and drawn once.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box
), border AS (
    SELECT l.code, substring(CAST(:line_pile AS bytea) FROM l.start FOR l.bytes) AS line
    FROM unnest(CAST(:line_codes AS text[]), CAST(:line_starts AS int[]), CAST(:line_bytes AS int[])) AS l (code, start, bytes)
), borders AS MATERIALIZED (
    SELECT b.code, ST_AsMVTGeom(ST_Collect(ST_GeomFromWKB(b.line, 3857)), tile.box, 4096, 64, true) AS geom
    FROM border b, tile GROUP BY b.code, tile.box
), town AS (
    SELECT t.code, t.name, ST_SetSRID(ST_MakePoint(t.x, t.y), 3857) AS middle
    FROM unnest(CAST(:town_codes AS text[]), CAST(:town_names AS text[]), CAST(:town_x AS float8[]), CAST(:town_y AS float8[]))
        AS t (code, name, x, y)
), names AS (
    SELECT ST_AsMVTGeom(t.middle, tile.box, 4096, 0, false) AS geom, t.code, t.name, ST_X(ST_Transform(t.middle, 4326)) AS lon,
        ST_Y(ST_Transform(t.middle, 4326)) AS lat
    FROM town t, tile
    WHERE ST_X(t.middle) >= ST_XMin(tile.box) AND ST_X(t.middle) < ST_XMax(tile.box)
        AND ST_Y(t.middle) > ST_YMin(tile.box) AND ST_Y(t.middle) <= ST_YMax(tile.box)
)
SELECT (SELECT coalesce(ST_AsMVT(borders, 'towns', 4096, 'geom'), '') FROM borders WHERE geom IS NOT NULL)
    || (SELECT coalesce(ST_AsMVT(names, 'town_names', 4096, 'geom'), '') FROM names WHERE geom IS NOT NULL);
