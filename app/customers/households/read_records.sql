-- Who may be linked, village by village, with the household that he is in now?
-- A village is sure by the placement, or as the only unit of the grid that a point lies in. Whom sources know in
-- several villages counts in one, that of the most trusted. Members no longer to be linked have an empty village.
WITH known AS (
    SELECT c.id, c.source_code, s.trust_rank, c.name, c.id_card_hash, c.phone_hash, c.household_no, c.relation,
        c.address, coalesce(CASE WHEN c.gone_at IS NOT NULL THEN '' END, CASE WHEN p.score >= 0.8 AND p.rung > 0 THEN p.unit_code END,
            CASE WHEN p.geom IS NOT NULL AND cardinality(g.unit_codes) = 1 THEN g.unit_codes[1] END, '') AS village
    FROM customer c JOIN source_system s ON s.code = c.source_code JOIN placement p ON p.customer_id = c.id
    LEFT JOIN assignment a ON a.customer_id = c.id LEFT JOIN grid g ON g.id = a.grid_id
    WHERE c.kind IN ('person', 'household')
), homed AS (
    SELECT *, first_value(village) OVER (PARTITION BY id_card_hash ORDER BY village = '', trust_rank, id) AS home
    FROM known
), found AS (
    SELECT CASE WHEN k.id_card_hash IS NULL OR k.village = k.home OR m.state = 'confirmed' THEN k.village
            ELSE '' END AS village,
        k.id, k.source_code, k.trust_rank, k.name, k.id_card_hash, k.phone_hash, k.household_no, k.relation,
        k.address, m.household_id, m.state, m.confidence, m.reasons, h.state AS household_state,
        h.confidence AS household_confidence, h.head_customer_id, h.address_key, h.unit_code
    FROM homed k LEFT JOIN household_member m ON m.customer_id = k.id LEFT JOIN household h ON h.id = m.household_id
)
SELECT * FROM found WHERE village <> '' OR household_id IS NOT NULL ORDER BY village, id
