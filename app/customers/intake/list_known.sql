-- What is known of a source's customers: ids, hashes of rows and keys in one order, fifty thousand customers a row?
-- Who is gone or has no hash yet has the number that no row's hash is.
SELECT array_agg(id) AS ids, array_agg(source_key) AS keys,
    array_agg(coalesce(CASE WHEN gone_at IS NULL THEN row_hash END, CAST('-9223372036854775808' AS bigint))) AS hashes
FROM customer WHERE source_code = :source GROUP BY id / 50000
