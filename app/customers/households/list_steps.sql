-- What was decided about a household, the newest first, and by whom?
SELECT s.id, s.action, s.at, s.user_id, u.name AS who, s.undoes, s.before, s.after, s.customer_ids,
    EXISTS (SELECT 1 FROM household_step t WHERE t.undoes = s.id) AS undone
FROM household_step s LEFT JOIN app_user u ON u.id = s.user_id
WHERE s.household_id = :household_id ORDER BY s.id DESC LIMIT :limit
