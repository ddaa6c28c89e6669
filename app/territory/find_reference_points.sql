-- Where do the bank's own houses stand in and around a box of longitude and latitude?
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM branch
WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
LIMIT 2000
