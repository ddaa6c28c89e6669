-- Of the waiting rows, how many would be new and how many would change a customer? As `merge_customers` judges it.
SELECT count(*) FILTER (WHERE c.id IS NULL) AS added,
    count(*) FILTER (WHERE c.id IS NOT NULL
        AND (c.kind, c.standing, c.name, c.id_card_hash, c.phone_hash, c.address, c.household_no, c.relation, c.tier,
             c.lead_level, c.booking_branch_code, c.deposit_yuan, c.loan_yuan, c.filed, c.last_visit_on)
        IS DISTINCT FROM
            (r.kind, r.standing, r.name, r.id_card_hash, r.phone_hash, r.address, r.household_no, r.relation, r.tier,
             r.lead_level, r.booking_branch_code, r.deposit_yuan, r.loan_yuan, r.filed, r.last_visit_on)) AS changed
FROM intake_row r LEFT JOIN customer c ON c.source_code = :source AND c.source_key = r.source_key
WHERE r.import_id = :import_id
