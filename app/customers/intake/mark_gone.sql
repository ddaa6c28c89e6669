-- These customers are gone: a full delivery held no row of them. Their links and questions about them go with them; what
-- was decided about them stays in its steps.
WITH unlinked AS (
    DELETE FROM customer_link
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) OR other_id = ANY (CAST(:ids AS bigint[]))
), unasked AS (
    DELETE FROM placement_case WHERE customer_id = ANY (CAST(:ids AS bigint[]))
)
UPDATE customer SET gone_at = now() WHERE id = ANY (CAST(:ids AS bigint[])) AND gone_at IS NULL
