-- Which live corrections hold this written form?
SELECT prefix, place_code, customer_id FROM place_correction
WHERE ended_at IS NULL AND position(CAST(:form AS text) IN prefix) > 0
