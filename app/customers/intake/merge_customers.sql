-- The waiting rows become customers: changed ones are replaced, new ones added; how many of each?
-- Sealed values differ at every sealing (fresh nonce), so sameness is judged by their blind index.
WITH changed AS (
    UPDATE customer c SET
        kind = r.kind, standing = r.standing, name = r.name, id_card_enc = r.id_card_enc, id_card_hash = r.id_card_hash,
        phone_enc = r.phone_enc, phone_hash = r.phone_hash, address = r.address, household_no = r.household_no,
        relation = r.relation, tier = r.tier, lead_level = r.lead_level, booking_branch_code = r.booking_branch_code,
        deposit_yuan = r.deposit_yuan, loan_yuan = r.loan_yuan, filed = r.filed, last_visit_on = r.last_visit_on,
        import_id = r.import_id
    FROM intake_row r
    WHERE r.import_id = :import_id AND c.source_code = :source AND c.source_key = r.source_key
        AND (c.kind, c.standing, c.name, c.id_card_hash, c.phone_hash, c.address, c.household_no, c.relation, c.tier,
             c.lead_level, c.booking_branch_code, c.deposit_yuan, c.loan_yuan, c.filed, c.last_visit_on)
        IS DISTINCT FROM
            (r.kind, r.standing, r.name, r.id_card_hash, r.phone_hash, r.address, r.household_no, r.relation, r.tier,
             r.lead_level, r.booking_branch_code, r.deposit_yuan, r.loan_yuan, r.filed, r.last_visit_on)
    RETURNING 1
), added AS (
    INSERT INTO customer (
        source_code, source_key, kind, standing, name, id_card_enc, id_card_hash, phone_enc, phone_hash, address,
        household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on,
        import_id)
    SELECT :source, source_key, kind, standing, name, id_card_enc, id_card_hash, phone_enc, phone_hash, address,
        household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on,
        import_id
    FROM intake_row r
    WHERE r.import_id = :import_id
        AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.source_code = :source AND c.source_key = r.source_key)
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM changed) AS changed
