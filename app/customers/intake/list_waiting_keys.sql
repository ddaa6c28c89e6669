-- The keys of waiting rows by their numbers, with the rung and the doubt of their placements.
SELECT row_no, source_key, rung, doubt ->> 'kind' AS doubt FROM intake_row
WHERE import_id = :import_id AND row_no = ANY (CAST(:rows AS bigint[]))
