-- Which customers of a filter stand in this tile? From zoom 13 a point each, and one symbol a grid for those who are known
-- only to village level, as `count_cut` counted them: what is shown sums to what is true. Edges are told in degrees, each
-- once for both its sides.
WITH tile AS MATERIALIZED (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_MakeEnvelope(
        :x * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - (:y + 1) * 2::float8 / (1 << :z))))),
        (:x + 1) * 360::float8 / (1 << :z) - 180, degrees(atan(sinh(pi() * (1 - :y * 2::float8 / (1 << :z))))), 4326) AS bounds
), counted AS (
    SELECT * FROM unnest(CAST(:cut_grids AS bigint[]), CAST(:cut_existing AS int[]), CAST(:cut_prospects AS int[]))
        AS c (grid_id, existing, prospects)
), counts AS (
    SELECT ST_AsMVTGeom(ST_Transform(g.anchor, 3857), tile.box, 4096, 0, false) AS geom, c.grid_id, c.existing, c.prospects,
        c.existing + c.prospects AS number
    FROM tile, counted c JOIN grid g ON g.id = c.grid_id
    WHERE g.plan_id = :plan_id AND CAST(:pointed AS boolean) IS DISTINCT FROM true
        AND ST_X(g.anchor) >= ST_XMin(tile.bounds) AND ST_X(g.anchor) < ST_XMax(tile.bounds)
        AND ST_Y(g.anchor) > ST_YMin(tile.bounds) AND ST_Y(g.anchor) <= ST_YMax(tile.bounds)
), standing AS MATERIALIZED (
    SELECT s.id, s.key_id FROM standing_grid s
    WHERE CAST(:grid_ids AS bigint[]) IS NULL OR s.id = ANY (CAST(:grid_ids AS bigint[]))
), points AS (
    SELECT ST_AsMVTGeom(ST_Transform(a.geom, 3857), tile.box, 4096, 0, false) AS geom, a.customer_id AS id,
        s.id AS grid_id, a.standing = 'existing' AS existing, a.tier, a.rung
    FROM tile, assignment_row a JOIN standing s ON s.key_id = a.grid_key
    WHERE a.geom && tile.bounds AND CAST(:pointed AS boolean) IS DISTINCT FROM false
        AND ST_X(a.geom) >= ST_XMin(tile.bounds) AND ST_X(a.geom) < ST_XMax(tile.bounds)
        AND ST_Y(a.geom) > ST_YMin(tile.bounds) AND ST_Y(a.geom) <= ST_YMax(tile.bounds)
        AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
        AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
        AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
        AND (coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
                CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
            OR EXISTS (SELECT 1 FROM customer k WHERE k.id = a.customer_id
                AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
                AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
                AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
                AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL
                    OR k.last_visit_on < :unvisited_since)))
)
SELECT (SELECT coalesce(ST_AsMVT(counts, 'customer_counts', 4096, 'geom'), '') FROM counts)
    || (SELECT coalesce(ST_AsMVT(points, 'customers', 4096, 'geom', 'id'), '') FROM points);
