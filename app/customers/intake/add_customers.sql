-- Waiting rows become customers under these numbers.
INSERT INTO customer (
    id, source_code, source_key, kind, standing, name, id_card_enc, id_card_hash, phone_enc, phone_hash, address,
    household_no, relation, tier, lead_level, booking_branch_code, deposit_yuan, loan_yuan, filed, last_visit_on, import_id,
    row_hash)
SELECT n.id, :source, r.source_key, r.kind, r.standing, r.name, r.id_card_enc, r.id_card_hash, r.phone_enc, r.phone_hash,
    r.address, r.household_no, r.relation, r.tier, r.lead_level, r.booking_branch_code, r.deposit_yuan, r.loan_yuan,
    r.filed, r.last_visit_on, r.import_id, r.row_hash
FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS n (row_no, id)
JOIN intake_row r ON r.import_id = :import_id AND r.row_no = n.row_no
ORDER BY n.id
