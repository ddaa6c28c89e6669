-- Which stored customer is each waiting row, and what would it do: 0 add him, 1 change him, 2 bring him back, 3 nothing?
-- Sealed values differ at every sealing (fresh nonce), so sameness is judged by their blind index. Where somebody or a map
-- service said where he lives, the file's place does not count; nor does a place that other names give to the same row.
-- `who`, `place`, `counts`: what must be looked at again, namely links, placement and assignment (which repeats standing and
-- tier), and counts; rather too often than too seldom.
SELECT r.row_no, c.id, CASE WHEN c.id IS NULL THEN 0 WHEN c.gone_at IS NOT NULL THEN 2
    WHEN (c.kind, c.standing, c.name, c.id_card_hash, c.phone_hash, c.address, c.household_no, c.relation, c.tier,
          c.lead_level, c.booking_branch_code, c.deposit_yuan, c.loan_yuan, c.filed, c.last_visit_on)
        IS DISTINCT FROM
            (r.kind, r.standing, r.name, r.id_card_hash, r.phone_hash, r.address, r.household_no, r.relation, r.tier,
             r.lead_level, r.booking_branch_code, r.deposit_yuan, r.loan_yuan, r.filed, r.last_visit_on) THEN 1
    WHEN c.row_hash IS DISTINCT FROM r.row_hash AND p.method NOT IN ('pin', 'choose', 'outside')
        AND p.method NOT LIKE 'provider:%' AND (p.rung, p.place_code, p.unit_code, p.datum, CAST(p.geom AS bytea))
            IS DISTINCT FROM (r.rung, r.place_code, r.unit_code, r.datum, CAST(r.geom AS bytea)) THEN 1
    ELSE 3 END AS verdict,
    (c.name, c.id_card_hash, c.phone_hash, c.address, p.unit_code)
        IS DISTINCT FROM (r.name, r.id_card_hash, r.phone_hash, r.address, r.unit_code) AS who,
    (c.address, c.standing, c.tier, p.rung, p.method, p.score, p.place_code, p.unit_code, p.datum, CAST(p.geom AS bytea))
        IS DISTINCT FROM (r.address, r.standing, r.tier, r.rung, r.method, r.score, r.place_code, r.unit_code, r.datum,
            CAST(r.geom AS bytea)) AS place,
    (c.filed, c.last_visit_on, c.household_no) IS DISTINCT FROM (r.filed, r.last_visit_on, r.household_no) AS counts
FROM intake_row r
LEFT JOIN customer c ON c.source_code = :source AND c.source_key = r.source_key
LEFT JOIN placement p ON p.customer_id = c.id
WHERE r.import_id = :import_id
ORDER BY r.row_no
