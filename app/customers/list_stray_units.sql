-- Which places that are no (longer) official stand behind these keys, in a part of a block?
SELECT DISTINCT unit_code AS code, hashtextextended(unit_code, 0) AS key FROM placement
WHERE customer_id >= :first AND customer_id < :beyond AND hashtextextended(unit_code, 0) = ANY(CAST(:keys AS bigint[]))
