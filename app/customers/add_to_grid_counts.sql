-- These grids hold so many more (or fewer) from now on, and `held` then; visits of another month are none of this one.
INSERT INTO grid_count_row AS n (grid_key, existing, prospects, located_existing, strategic, key, filed, visited, rungs,
    covered_households, visited_month)
SELECT r.grid_key, r.existing, r.prospects, r.located_existing, r.strategic, r.key, r.filed, r.visited, r.rungs,
    r.covered_households, date_trunc('month', current_date)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (grid_key bigint, existing integer, prospects integer,
    located_existing integer, strategic integer, key integer, filed integer, visited integer, rungs bigint[],
    covered_households integer)
ORDER BY r.grid_key
ON CONFLICT (grid_key) DO UPDATE SET existing = n.existing + excluded.existing,
    prospects = n.prospects + excluded.prospects, located_existing = n.located_existing + excluded.located_existing,
    strategic = n.strategic + excluded.strategic, key = n.key + excluded.key, filed = n.filed + excluded.filed,
    visited = CASE WHEN n.visited_month = excluded.visited_month THEN n.visited ELSE 0 END + excluded.visited,
    visited_month = excluded.visited_month, covered_households = n.covered_households + excluded.covered_households,
    rungs = ARRAY[n.rungs[1] + excluded.rungs[1], n.rungs[2] + excluded.rungs[2], n.rungs[3] + excluded.rungs[3],
        n.rungs[4] + excluded.rungs[4], n.rungs[5] + excluded.rungs[5], n.rungs[6] + excluded.rungs[6],
        n.rungs[7] + excluded.rungs[7]]
RETURNING n.grid_key, n.existing + n.prospects AS held
