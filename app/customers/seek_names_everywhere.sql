-- Whose names begin so, in the order of names? For who sees everybody.
SELECT c.id FROM customer c
WHERE c.name ~>=~ :low AND c.name ~<~ :high AND c.gone_at IS NULL
ORDER BY c.name USING ~<~ LIMIT :most
