-- The blocks that the bank's customers lie in.
SELECT id, rows FROM customer_block WHERE state = 'ready' ORDER BY id
