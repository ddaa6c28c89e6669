-- The units in force that lie in a box, outlines to about 1 m: what a grid can be put together from.
SELECT u.code, u.name, u.kind, u.town_name AS town, ST_AsGeoJSON(ST_SimplifyPreserveTopology(u.geom, 0.00001), 6) AS shape
FROM unit u
WHERE u.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND u.valid @> current_date
    AND u.kind IN ('village', 'community', 'street', 'district', 'market', 'park', 'compound')
ORDER BY ST_Area(u.geom) DESC, u.code
LIMIT 1500
