-- How many customers, placed ones, households (by band, confirmed ones being sure) and members are in sight?
WITH own AS MATERIALIZED (
    SELECT m.household_id FROM assignment a CROSS JOIN LATERAL (
        SELECT o.household_id FROM household_member o WHERE o.customer_id = a.customer_id OFFSET 0) m
    WHERE CAST(:scoped AS boolean)
), homes AS (
    SELECT h.state, h.confidence FROM household h WHERE NOT CAST(:scoped AS boolean)
    UNION ALL
    SELECT h.state, h.confidence FROM (SELECT DISTINCT household_id FROM own) s CROSS JOIN LATERAL (
        SELECT o.state, o.confidence FROM household o WHERE o.id = s.household_id OFFSET 0) h
)
SELECT CASE WHEN CAST(:scoped AS boolean) THEN (SELECT count(*) FROM assignment)
        ELSE (SELECT count(*) FROM customer WHERE gone_at IS NULL) END AS customers,
    CASE WHEN CAST(:scoped AS boolean) THEN (SELECT count(*) FROM assignment WHERE rung > 0)
        ELSE (SELECT count(*) FROM placement p WHERE rung > 0
            AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = p.customer_id AND c.gone_at IS NOT NULL)) END AS placed,
    CASE WHEN CAST(:scoped AS boolean) THEN (SELECT count(*) FROM own)
        ELSE (SELECT count(*) FROM household_member m
            WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = m.customer_id AND c.gone_at IS NOT NULL)) END AS members,
    count(*) AS households, count(*) FILTER (WHERE state = 'confirmed') AS confirmed,
    count(*) FILTER (WHERE confidence >= :sure OR state = 'confirmed') AS sure,
    count(*) FILTER (WHERE confidence >= :likely AND confidence < :sure AND state <> 'confirmed') AS likely,
    count(*) FILTER (WHERE confidence < :likely AND state <> 'confirmed') AS possible
FROM homes
