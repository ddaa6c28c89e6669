-- The sealed telephones of a span of customers, with the marks by which they are found.
SELECT id, source_code, source_key, phone_enc, phone_hash FROM customer
WHERE id > :after AND phone_enc IS NOT NULL ORDER BY id LIMIT :most
