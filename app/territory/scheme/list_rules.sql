-- What is on the checklist of a kind of grid (of every kind when none is named)?
SELECT grid_kind, number, zh, en, every FROM work_rule
WHERE CAST(:kind AS text) IS NULL OR grid_kind = :kind
ORDER BY grid_kind, number
