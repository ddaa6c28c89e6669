-- Which households are in the viewer's sight, a page at a time in order of id, and how many in all?
-- Who sees a few grids only starts from their customers: to ask the walls of every household of the bank took seconds.
WITH own AS MATERIALIZED (
    SELECT m.household_id, a.customer_id FROM assignment a CROSS JOIN LATERAL (
        SELECT o.household_id FROM household_member o WHERE o.customer_id = a.customer_id OFFSET 0) m
    WHERE (CAST(:scoped AS boolean) OR CAST(:grid_id AS bigint) IS NOT NULL)
        AND (CAST(:grid_id AS bigint) IS NULL OR a.grid_id = :grid_id)
    UNION ALL
    SELECT m.household_id, m.customer_id FROM household_member m
    WHERE NOT CAST(:scoped AS boolean) AND CAST(:grid_id AS bigint) IS NULL AND CAST(:begins AS text) IS NOT NULL
), seen AS MATERIALIZED (
    SELECT DISTINCT household_id FROM own
    WHERE CAST(:begins AS text) IS NULL
        OR EXISTS (SELECT 1 FROM customer c WHERE c.id = own.customer_id AND c.name LIKE :begins)
), wanted AS MATERIALIZED (
    SELECT h.id, h.state, h.confidence, h.head_customer_id, h.unit_code FROM household h
    WHERE NOT CAST(:scoped AS boolean) AND ((CAST(:grid_id AS bigint) IS NULL AND CAST(:begins AS text) IS NULL)
            OR h.id IN (SELECT household_id FROM seen))
        AND (CAST(:state AS text) IS NULL OR h.state = :state) AND h.confidence >= :least AND h.confidence < :below
    UNION ALL
    SELECT h.* FROM seen s CROSS JOIN LATERAL (
        SELECT o.id, o.state, o.confidence, o.head_customer_id, o.unit_code FROM household o
        WHERE o.id = s.household_id OFFSET 0) h
    WHERE CAST(:scoped AS boolean)
        AND (CAST(:state AS text) IS NULL OR h.state = :state) AND h.confidence >= :least AND h.confidence < :below
), page AS (
    SELECT * FROM wanted WHERE id > :after ORDER BY id LIMIT :limit
)
SELECT p.*, (SELECT count(*) FROM wanted) AS total, u.name AS village, u.town_name AS town
FROM page p LEFT JOIN LATERAL (SELECT o.name, o.town_name FROM unit o
    WHERE o.code = p.unit_code AND o.valid @> current_date ORDER BY o.id DESC LIMIT 1) u ON true
ORDER BY p.id
