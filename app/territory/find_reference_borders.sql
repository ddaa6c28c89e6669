-- Which borders of the bank's ground lie in and around a box: all large units, and of the villages a sample?
WITH near AS (
    SELECT id, geom, kind IN ('frame', 'county', 'town') AS large
    FROM unit
    WHERE geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) AND upper_inf(valid)
          AND kind IN ('frame', 'county', 'town', 'village', 'community')
), chosen AS (
    SELECT geom FROM near WHERE large
    UNION ALL
    (SELECT geom FROM near WHERE NOT large ORDER BY hashint8(id), id LIMIT :villages)
)
SELECT ST_AsBinary(ST_Simplify(geom, 0.00002, true)) AS wkb FROM chosen
