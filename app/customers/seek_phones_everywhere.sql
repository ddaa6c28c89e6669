-- Whose telephone has a mark in this span? For who sees everybody.
SELECT c.id FROM customer c
WHERE c.phone_hash >= :low AND c.phone_hash <= :high AND c.gone_at IS NULL LIMIT :most
