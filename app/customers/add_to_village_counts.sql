-- These villages hold so many more (or fewer) from now on, and `held` then; visits of another month are none of this one.
INSERT INTO village_count AS n (unit_code, existing, prospects, strategic, key, filed, visited, rungs, assigned, visited_month)
SELECT r.unit_code, r.existing, r.prospects, r.strategic, r.key, r.filed, r.visited, r.rungs, r.assigned,
    date_trunc('month', current_date)
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (unit_code text, existing integer, prospects integer,
    strategic integer, key integer, filed integer, visited integer, rungs bigint[], assigned integer)
ORDER BY r.unit_code
ON CONFLICT (unit_code) DO UPDATE SET existing = n.existing + excluded.existing,
    prospects = n.prospects + excluded.prospects, strategic = n.strategic + excluded.strategic,
    key = n.key + excluded.key, filed = n.filed + excluded.filed, assigned = n.assigned + excluded.assigned,
    visited = CASE WHEN n.visited_month = excluded.visited_month THEN n.visited ELSE 0 END + excluded.visited,
    visited_month = excluded.visited_month,
    rungs = ARRAY[n.rungs[1] + excluded.rungs[1], n.rungs[2] + excluded.rungs[2], n.rungs[3] + excluded.rungs[3],
        n.rungs[4] + excluded.rungs[4], n.rungs[5] + excluded.rungs[5], n.rungs[6] + excluded.rungs[6],
        n.rungs[7] + excluded.rungs[7]]
RETURNING n.unit_code, n.existing + n.prospects AS held
