-- Who comes in without a doubt has no case any more, unless it was decided by hand or is about a pin.
DELETE FROM placement_case k
USING customer c, intake_row r
WHERE c.id = k.customer_id AND c.source_code = :source AND r.import_id = :import_id AND r.source_key = c.source_key
    AND r.doubt IS NULL AND k.state <> 'decided' AND NOT k.detail ? 'pinned'
