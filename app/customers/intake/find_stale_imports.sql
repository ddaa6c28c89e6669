-- Which imports of a source placed its customers by other names than these?
SELECT array_agg(id) FROM import_run
WHERE kind = 'customers' AND status = 'imported' AND options ->> 'source' = :source
    AND options ->> 'names' IS DISTINCT FROM :names
