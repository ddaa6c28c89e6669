-- Which strategic and key clients of a filter live in this tile? Those without a point are one hollow symbol a grid, with
-- their number. They are few: found through the grids (index on grid and tier) and cut to the tile afterwards.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_MakeEnvelope(
        :x * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - (:y + 1) * 2::float8 / (1 << :z))))),
        (:x + 1) * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - :y * 2::float8 / (1 << :z))))), 4326) AS bounds
), clients AS (
    SELECT a.customer_id, a.tier, a.grid_id, a.geom IS NOT NULL AS placed, a.geom AS spot, g.anchor
    FROM grid g JOIN assignment a ON a.grid_id = g.id AND a.tier IN ('strategic', 'key')
    WHERE g.plan_id = :plan_id
        AND (CAST(:grid_ids AS bigint[]) IS NULL OR g.id = ANY (CAST(:grid_ids AS bigint[])))
        AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
        AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
        AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
        AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
        AND (coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
                CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
            OR EXISTS (SELECT 1 FROM customer k WHERE k.id = a.customer_id
                AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
                AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
                AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
                AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL
                    OR k.last_visit_on < :unvisited_since)))
), symbols AS (
    SELECT customer_id AS id, tier, grid_id, placed, 1 AS number, spot FROM clients WHERE placed
    UNION ALL
    SELECT min(customer_id), tier, grid_id, placed, count(*)::int, anchor FROM clients WHERE NOT placed GROUP BY tier, grid_id, placed, anchor
), points AS (
    SELECT ST_AsMVTGeom(ST_Transform(s.spot, 3857), tile.box, 4096, 0, false) AS geom, s.id, s.tier, s.grid_id, s.placed, s.number
    FROM symbols s, tile
    WHERE ST_X(s.spot) >= ST_XMin(tile.bounds) AND ST_X(s.spot) < ST_XMax(tile.bounds)
        AND ST_Y(s.spot) > ST_YMin(tile.bounds) AND ST_Y(s.spot) <= ST_YMax(tile.bounds)
    ORDER BY s.id  -- the same rows are the same bytes, whatever plan found them
)
SELECT ST_AsMVT(points, 'key_clients', 4096, 'geom') FROM points;
