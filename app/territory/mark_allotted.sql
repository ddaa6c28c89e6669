-- Marks how far these grids are on their way to who holds them.
UPDATE grid SET allotted = CAST(:state AS text) WHERE id = ANY (CAST(:grid_ids AS bigint[]))
