-- A household stands confirmed.
UPDATE household SET state = 'confirmed' WHERE id = :household_id
