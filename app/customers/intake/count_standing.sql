-- How many customers does a source have that are not gone?
SELECT count(*) FROM customer WHERE source_code = :source AND gone_at IS NULL
