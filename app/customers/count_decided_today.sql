-- How many customers did this person decide today, without those taken back again?
SELECT count(DISTINCT s.customer_id)
FROM placement_step s
WHERE s.user_id = :user_id AND s.at >= current_date AND s.action IN ('choose', 'pin', 'outside', 'unclear')
    AND NOT EXISTS (SELECT FROM placement_step u WHERE u.undoes = s.id)
