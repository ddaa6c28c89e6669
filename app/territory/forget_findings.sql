-- Takes away findings that no longer are.
DELETE FROM finding WHERE id = ANY (CAST(:ids AS bigint[]))
