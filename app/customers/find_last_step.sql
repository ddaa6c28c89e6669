-- Who decided last about this customer, leaving out what was taken back?
SELECT s.id, s.user_id, s.at, s.action, u.name AS by_whom
FROM placement_step s LEFT JOIN app_user u ON u.id = s.user_id
WHERE s.customer_id = :customer_id AND s.action <> 'undo'
    AND NOT EXISTS (SELECT FROM placement_step n WHERE n.undoes = s.id)
ORDER BY s.id DESC LIMIT 1
