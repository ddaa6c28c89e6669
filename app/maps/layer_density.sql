-- How many customers with a point of a filter live in each square cell of this tile? Sixteen cells a side, so that a cell is
-- half as wide at each further zoom; a cell belongs to one tile, so that cells sum to what the legend counts.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, ST_Transform(ST_TileEnvelope(:z, :x, :y), 4326) AS bounds
), living AS (
    SELECT ST_Transform(a.geom, 3857) AS middle FROM assignment a, tile
    WHERE a.grid_id IS NOT NULL AND a.geom && tile.bounds
        AND (CAST(:grid_ids AS bigint[]) IS NULL OR a.grid_id = ANY (CAST(:grid_ids AS bigint[])))
        AND (CAST(:tier AS text) IS NULL OR a.tier = :tier) AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
        AND (CAST(:rung AS int) IS NULL OR a.rung = :rung) AND CAST(:pointed AS boolean) IS DISTINCT FROM false
        AND (coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
                CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
            OR EXISTS (SELECT 1 FROM customer k WHERE k.id = a.customer_id
                AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
                AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
                AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
                AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL
                    OR k.last_visit_on < :unvisited_since)))
), cells AS (
    SELECT floor((ST_X(v.middle) - ST_XMin(tile.box)) / (ST_XMax(tile.box) - ST_XMin(tile.box)) * 16)::int AS col,
        ceil((ST_Y(v.middle) - ST_YMin(tile.box)) / (ST_YMax(tile.box) - ST_YMin(tile.box)) * 16)::int - 1 AS row,
        count(*)::int AS number
    FROM living v, tile
    WHERE ST_X(v.middle) >= ST_XMin(tile.box) AND ST_X(v.middle) < ST_XMax(tile.box)
        AND ST_Y(v.middle) > ST_YMin(tile.box) AND ST_Y(v.middle) <= ST_YMax(tile.box)
    GROUP BY 1, 2
), squares AS (
    SELECT ST_AsMVTGeom(ST_MakeEnvelope(
        ST_XMin(tile.box) + c.col * side.m, ST_YMin(tile.box) + c.row * side.m,
        ST_XMin(tile.box) + (c.col + 1) * side.m, ST_YMin(tile.box) + (c.row + 1) * side.m, 3857), tile.box, 4096, 0, true) AS geom,
        c.number
    FROM cells c, tile, LATERAL (SELECT (ST_XMax(tile.box) - ST_XMin(tile.box)) / 16 AS m) side
)
SELECT ST_AsMVT(squares, 'density', 4096, 'geom') FROM squares WHERE geom IS NOT NULL;
