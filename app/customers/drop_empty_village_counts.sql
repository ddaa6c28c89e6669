-- A village that nobody is known to live in any more has no row.
DELETE FROM village_count WHERE unit_code = ANY(CAST(:keys AS text[])) AND existing = 0 AND prospects = 0
