-- Stored customers take over their waiting rows; who was gone is back.
UPDATE customer c SET
    kind = r.kind, standing = r.standing, name = r.name, id_card_enc = r.id_card_enc, id_card_hash = r.id_card_hash,
    phone_enc = r.phone_enc, phone_hash = r.phone_hash, address = r.address, household_no = r.household_no,
    relation = r.relation, tier = r.tier, lead_level = r.lead_level, booking_branch_code = r.booking_branch_code,
    deposit_yuan = r.deposit_yuan, loan_yuan = r.loan_yuan, filed = r.filed, last_visit_on = r.last_visit_on,
    import_id = r.import_id, row_hash = r.row_hash, gone_at = NULL
FROM unnest(CAST(:rows AS bigint[]), CAST(:ids AS bigint[])) AS n (row_no, id)
JOIN intake_row r ON r.import_id = :import_id AND r.row_no = n.row_no
WHERE c.id = n.id
