-- The next customers of a block, behind an id.
SELECT id FROM customer WHERE id > :after AND id < :high ORDER BY id LIMIT :rows
