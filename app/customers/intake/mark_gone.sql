-- These customers are gone: a full delivery held no row of them. What they are linked to goes with them.
WITH unlinked AS (
    DELETE FROM customer_link
    WHERE customer_id = ANY (CAST(:ids AS bigint[])) OR other_id = ANY (CAST(:ids AS bigint[]))
)
UPDATE customer SET gone_at = now() WHERE id = ANY (CAST(:ids AS bigint[])) AND gone_at IS NULL
