-- Lets one boundary import or undo at a time look at the ground and change it, until the transaction ends.
SELECT pg_advisory_xact_lock(7236705)
