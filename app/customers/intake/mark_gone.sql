-- These customers are gone: a full delivery held no row of them. Their links and questions about them go with them; what
-- was decided about them stays in its steps. That they left is noted with the grid in which they stood.
WITH unlinked AS (
    DELETE FROM customer_link
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) OR other_id = ANY (CAST(:ids AS bigint[]))
), unasked AS (
    DELETE FROM placement_case WHERE customer_id = ANY (CAST(:ids AS bigint[]))
), noted AS (
    INSERT INTO customer_change (customer_id, grid_key, stood, stands)
    SELECT c.id, a.grid_key, c.standing, 'gone' FROM customer c LEFT JOIN assignment_row a ON a.customer_id = c.id
    WHERE c.id = ANY (CAST(:ids AS bigint[])) AND c.gone_at IS NULL ORDER BY c.id
)
UPDATE customer SET gone_at = now() WHERE id = ANY (CAST(:ids AS bigint[])) AND gone_at IS NULL
