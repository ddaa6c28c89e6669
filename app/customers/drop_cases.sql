-- These customers have no case any more.
DELETE FROM placement_case WHERE customer_id = ANY(CAST(:ids AS bigint[]))
