-- What was decided by hand about customers in sight, the newest first?
SELECT s.id, s.batch, s.customer_id, s.at, s.action, s.note, s.accuracy_m, s.undoes, s.user_id, u.name AS by_whom,
    CAST(s.before ->> 'rung' AS int) AS rung_before, s.before ->> 'unit_code' AS unit_before,
    CAST(s.after ->> 'rung' AS int) AS rung, s.after ->> 'unit_code' AS unit_code, s.after ->> 'place_code' AS place_code,
    EXISTS (SELECT FROM placement_step n WHERE n.undoes = s.id) AS undone
FROM placement_step s LEFT JOIN app_user u ON u.id = s.user_id
WHERE CAST(:customer_id AS bigint) IS NULL OR s.customer_id = :customer_id
ORDER BY s.id DESC LIMIT :limit
