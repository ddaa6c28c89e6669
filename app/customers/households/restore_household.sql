-- A household as a step found it.
INSERT INTO household OVERRIDING SYSTEM VALUE
SELECT * FROM jsonb_populate_record(CAST(NULL AS household), CAST(:household AS jsonb))
