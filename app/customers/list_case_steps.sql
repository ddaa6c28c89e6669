-- What was decided by hand about this customer, the newest first? Names stand where the viewer may read them.
SELECT s.id, s.batch, s.at, s.action, s.note, s.accuracy_m, s.undoes, s.user_id, u.name AS by_whom,
    s.after ->> 'rung' AS rung,
    EXISTS (SELECT FROM placement_step n WHERE n.undoes = s.id) AS undone
FROM placement_step s
LEFT JOIN app_user u ON u.id = s.user_id
WHERE s.customer_id = :customer_id
ORDER BY s.id DESC LIMIT 20
