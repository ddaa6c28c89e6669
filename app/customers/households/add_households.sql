-- New proposed households, numbered in the order in which they are given.
INSERT INTO household (confidence, head_customer_id, unit_code, address_key)
SELECT confidence, head, village, address_key
FROM unnest(CAST(:confidences AS float8[]), CAST(:heads AS bigint[]), CAST(:villages AS text[]), CAST(:keys AS text[]))
    WITH ORDINALITY AS w (confidence, head, village, address_key, place)
ORDER BY place
RETURNING id
