-- Which households are in the viewer's sight, a page at a time in order of id, and how many in all?
WITH wanted AS (
    SELECT h.id, h.state, h.confidence, h.head_customer_id, h.unit_code, h.address_key, h.made_at
    FROM household h
    WHERE (CAST(:state AS text) IS NULL OR h.state = :state)
        AND h.confidence >= :least AND h.confidence < :below
        AND (CAST(:grid_id AS bigint) IS NULL OR h.id IN (SELECT m.household_id FROM household_member m
            JOIN assignment a ON a.customer_id = m.customer_id WHERE a.grid_id = :grid_id))
        AND (CAST(:begins AS text) IS NULL OR h.id IN (SELECT m.household_id FROM household_member m
            JOIN customer c ON c.id = m.customer_id WHERE c.name LIKE :begins))
)
SELECT w.*, (SELECT count(*) FROM wanted) AS total,
    (SELECT u.name FROM unit u WHERE u.code = w.unit_code AND u.valid @> current_date ORDER BY u.id DESC LIMIT 1)
        AS village, (SELECT u.town_name FROM unit u WHERE u.code = w.unit_code AND u.valid @> current_date
        ORDER BY u.id DESC LIMIT 1) AS town
FROM wanted w WHERE w.id > :after ORDER BY w.id LIMIT :limit
