-- Which villages lie in these boxes, those nearest to a box's middle first? Outlines are simplified, in degrees.
SELECT code, name, CAST(ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, :tolerance), 6) AS json) AS outline,
    ST_X(middle) AS lon, ST_Y(middle) AS lat
FROM (
    SELECT DISTINCT ON (u.id) u.id, u.code, u.name, u.geom, ST_PointOnSurface(u.geom) AS middle,
        ST_Distance(u.geom, ST_Centroid(box.geom)) AS far
    FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]), CAST(:north AS float8[]))
        AS side(west, south, east, north)
    CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(side.west, side.south, side.east, side.north, 4326) AS geom) box
    JOIN unit u ON u.geom && box.geom
    WHERE u.kind IN ('village', 'community') AND u.valid @> current_date
    ORDER BY u.id, far
) near
ORDER BY far LIMIT :limit
