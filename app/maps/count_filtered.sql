-- How many customers stand in some grids, as they were counted: by standing, rung and tier?
SELECT coalesce(sum(n.existing), 0)::bigint AS existing, coalesce(sum(n.prospects), 0)::bigint AS prospects,
    coalesce(sum(n.strategic), 0)::bigint AS strategic, coalesce(sum(n.key), 0)::bigint AS key,
    ARRAY(SELECT coalesce(sum(m.rungs[i]), 0)::bigint FROM generate_series(1, 7) AS i
        LEFT JOIN grid_count m ON m.grid_id = ANY (CAST(:grid_ids AS bigint[])) GROUP BY i ORDER BY i) AS rungs
FROM grid_count n WHERE n.grid_id = ANY (CAST(:grid_ids AS bigint[]))
