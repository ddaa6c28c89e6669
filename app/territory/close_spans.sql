-- Closes these spans of duty in recorded time: from this moment on they are what was known before.
UPDATE duty d SET recorded = tstzrange(lower(d.recorded), greatest(lower(d.recorded), CAST(:at AS timestamptz)))
FROM unnest(CAST(:grid_ids AS bigint[]), CAST(:roles AS text[]), CAST(:staff_ids AS bigint[]), CAST(:begins AS date[]),
            CAST(:ends AS date[])) AS s (grid_id, role, staff_id, begins, ends)
WHERE d.grid_id = s.grid_id AND d.role = s.role AND d.staff_id = s.staff_id AND upper_inf(d.recorded)
  AND NOT isempty(d.valid)
  AND lower(d.valid) IS NOT DISTINCT FROM s.begins AND upper(d.valid) IS NOT DISTINCT FROM s.ends
