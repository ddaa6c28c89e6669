-- The waiting rows become customers: new ones are added, changed ones replaced; how many of each?
-- Sealed values differ at every sealing (fresh nonce), so sameness is judged by their blind index.
WITH merged AS (
    INSERT INTO customer AS c (
        source_code, source_key, kind, standing, name, id_card_enc, id_card_hash, phone_enc, phone_hash, address,
        household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on,
        import_id)
    SELECT :source, source_key, kind, standing, name, id_card_enc, id_card_hash, phone_enc, phone_hash, address,
        household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on,
        import_id
    FROM intake_row WHERE import_id = :import_id
    ON CONFLICT (source_code, source_key) DO UPDATE SET
        kind = excluded.kind, standing = excluded.standing, name = excluded.name,
        id_card_enc = excluded.id_card_enc, id_card_hash = excluded.id_card_hash,
        phone_enc = excluded.phone_enc, phone_hash = excluded.phone_hash, address = excluded.address,
        household_no = excluded.household_no, relation = excluded.relation, tier = excluded.tier,
        lead_level = excluded.lead_level, booking_branch_code = excluded.booking_branch_code, deposit_yuan = excluded.deposit_yuan,
        loan_yuan = excluded.loan_yuan, filed = excluded.filed, last_visit_on = excluded.last_visit_on,
        import_id = excluded.import_id
    WHERE (c.kind, c.standing, c.name, c.id_card_hash, c.phone_hash, c.address, c.household_no, c.relation, c.tier,
           c.lead_level, c.booking_branch_code, c.deposit_yuan, c.loan_yuan, c.filed, c.last_visit_on)
        IS DISTINCT FROM
          (excluded.kind, excluded.standing, excluded.name, excluded.id_card_hash, excluded.phone_hash,
           excluded.address, excluded.household_no, excluded.relation, excluded.tier, excluded.lead_level,
           excluded.booking_branch_code, excluded.deposit_yuan, excluded.loan_yuan, excluded.filed,
           excluded.last_visit_on)
    RETURNING (xmax = 0) AS added
)
SELECT count(*) FILTER (WHERE added) AS added, count(*) FILTER (WHERE NOT added) AS changed FROM merged
