-- The memberships of a household as a step found them.
INSERT INTO household_member
SELECT * FROM jsonb_populate_recordset(CAST(NULL AS household_member), CAST(:members AS jsonb))
