-- Lets one request at a time start something with an import, until its transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('import ' || CAST(CAST(:import_id AS bigint) AS text), 7236706))
