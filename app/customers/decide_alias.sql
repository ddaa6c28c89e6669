-- A proposed form is approved or rejected; which one was it?
UPDATE place_alias SET state = :state, decided_by = :user_id, decided_at = now()
WHERE id = :alias_id RETURNING id, alias, place_code, state, corrections
