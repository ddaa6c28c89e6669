-- Which steps make up this batch, are they taken back, and who has decided anew about their customers since?
SELECT s.id, s.customer_id, s.user_id, s.action, s.before, s.after,
    EXISTS (SELECT FROM placement_step n WHERE n.undoes = s.id) AS undone,
    later.at AS later_at, later.by_whom AS later_by
FROM placement_step s
LEFT JOIN LATERAL (
    SELECT l.at, u.name AS by_whom FROM placement_step l LEFT JOIN app_user u ON u.id = l.user_id
    WHERE l.customer_id = s.customer_id AND l.id > s.id AND l.action <> 'undo' AND l.batch <> s.batch
        AND NOT EXISTS (SELECT FROM placement_step n WHERE n.undoes = l.id)
    ORDER BY l.id DESC LIMIT 1) AS later ON true
WHERE s.batch = :batch
ORDER BY s.id
