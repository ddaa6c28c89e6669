-- How many customers has each village and community of this tile, of how many households and residents?
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => 0.02), 4326) AS bounds
), shapes AS (
    SELECT ST_AsMVTGeom(ST_Transform(u.geom, 3857), tile.box, 4096, 64, true) AS geom, u.id, u.code, u.name, u.households,
        u.residents, v.existing
    FROM tile, unit u LEFT JOIN village_count v ON v.unit_code = u.code
    WHERE u.kind IN ('village', 'community', 'street') AND u.valid @> current_date
        AND u.geom && tile.bounds AND ST_Intersects(u.geom, tile.bounds)
    ORDER BY u.area_m2 DESC
)
SELECT ST_AsMVT(shapes, 'villages', 4096, 'geom', 'id') FROM shapes WHERE geom IS NOT NULL;
