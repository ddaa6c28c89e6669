-- The facts of proposed households that keep their number.
UPDATE household h SET confidence = w.confidence, head_customer_id = w.head, unit_code = w.village,
    address_key = w.address_key
FROM unnest(CAST(:ids AS bigint[]), CAST(:confidences AS float8[]), CAST(:heads AS bigint[]),
    CAST(:villages AS text[]), CAST(:keys AS text[])) AS w (id, confidence, head, village, address_key)
WHERE h.id = w.id AND h.state = 'proposed'
