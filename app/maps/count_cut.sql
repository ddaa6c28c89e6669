-- How many customers of a filter stand in each grid in sight? Counted once for all tiles of a filter; who is asked for by
-- what only the customer's own row says is joined to it, and for all other filters that row is not read.
WITH chosen AS (
    SELECT a.grid_id, a.standing FROM assignment a
    WHERE coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
            CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NULL
        AND a.grid_id IS NOT NULL AND (CAST(:grid_ids AS bigint[]) IS NULL OR a.grid_id = ANY (CAST(:grid_ids AS bigint[])))
        AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
        AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
        AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
        AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
    UNION ALL
    SELECT a.grid_id, a.standing FROM assignment a JOIN customer k ON k.id = a.customer_id
    WHERE coalesce(CAST(:kind AS text), CAST(CAST(:visited_since AS date) AS text),
            CAST(CAST(:unvisited_since AS date) AS text), CAST(CAST(:filed AS boolean) AS text)) IS NOT NULL
        AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
        AND (CAST(:filed AS boolean) IS NULL OR k.filed = :filed)
        AND (CAST(:visited_since AS date) IS NULL OR k.last_visit_on >= :visited_since)
        AND (CAST(:unvisited_since AS date) IS NULL OR k.last_visit_on IS NULL OR k.last_visit_on < :unvisited_since)
        AND a.grid_id IS NOT NULL AND (CAST(:grid_ids AS bigint[]) IS NULL OR a.grid_id = ANY (CAST(:grid_ids AS bigint[])))
        AND (CAST(:tier AS text) IS NULL OR a.tier = :tier)
        AND (CAST(:standing AS text) IS NULL OR a.standing = :standing)
        AND (CAST(:rung AS int) IS NULL OR a.rung = :rung)
        AND (CAST(:pointed AS boolean) IS NULL OR (a.geom IS NOT NULL) = :pointed)
), counted AS (
    SELECT c.grid_id, count(*) FILTER (WHERE c.standing = 'existing')::int AS existing,
        count(*) FILTER (WHERE c.standing = 'prospect')::int AS prospects
    FROM chosen c GROUP BY c.grid_id
)
SELECT coalesce(array_agg(grid_id), '{}') AS cut_grids, coalesce(array_agg(existing), '{}') AS cut_existing,
    coalesce(array_agg(prospects), '{}') AS cut_prospects
FROM counted;
