-- How many customers of a source have something in each field that a file may fill?
SELECT count(c.id_card_hash) AS id_card, count(c.phone_hash) AS phone, count(c.address) AS address,
    count(c.household_no) AS household_no, count(c.relation) AS relation, count(c.lead_level) AS lead_level,
    count(c.booking_branch_code) AS booking_branch_code, count(c.deposit_yuan) AS deposit_yuan,
    count(c.loan_yuan) AS loan_yuan, count(c.last_visit_on) AS last_visit_on,
    count(*) FILTER (WHERE p.method = 'source') AS lon, count(*) FILTER (WHERE p.method = 'source') AS lat
FROM customer c JOIN placement p ON p.customer_id = c.id
WHERE c.source_code = :source AND c.gone_at IS NULL
