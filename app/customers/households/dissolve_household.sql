-- A household ends, and the memberships in it.
DELETE FROM household WHERE id = :household_id
