-- The newest change of each of some grids: who, when, what.
SELECT DISTINCT ON (touched.id) touched.id AS grid_id, s.number, s.act, s.title_zh, s.title_en, s.at, s.user_id,
    coalesce(u.name, '') AS by,
    CAST(s.before -> CAST(touched.id AS text) ->> 'branch_id' AS bigint) AS former_branch_id, s.after -> CAST(touched.id AS text) IS NULL OR s.after -> CAST(touched.id AS text) = 'null' AS removed
FROM unnest(CAST(:ids AS bigint[])) AS touched (id)
JOIN plan_step s ON s.plan_id = :plan_id AND s.grid_ids @> ARRAY[touched.id]
LEFT JOIN app_user u ON u.id = s.user_id
ORDER BY touched.id, s.number DESC
