-- Which open case of this kind comes next in the viewer's list, else stands first in it?
(SELECT customer_id FROM placement_case
 WHERE state = 'open' AND kind = :kind AND (score, customer_id) < (CAST(:score AS float8), CAST(:customer_id AS bigint))
 ORDER BY score DESC, customer_id DESC LIMIT 1)
UNION ALL
(SELECT customer_id FROM placement_case WHERE state = 'open' AND kind = :kind AND customer_id <> :customer_id
 ORDER BY score DESC, customer_id DESC LIMIT 1)
LIMIT 1
