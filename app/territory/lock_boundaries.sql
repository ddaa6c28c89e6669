-- Lets one boundary import at a time look whether its file is in already, until the transaction ends.
SELECT pg_advisory_xact_lock(7236705)
