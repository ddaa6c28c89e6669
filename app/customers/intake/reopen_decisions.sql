-- Who has another address than before: what was decided by hand, or told by a map service, about the old one no longer
-- stands. A pin stands: it says where the customer is, not what his address means.
WITH moved AS (
    SELECT c.id
    FROM (SELECT customer_id FROM placement WHERE method IN ('choose', 'outside') OR method LIKE 'provider:%'
          UNION SELECT customer_id FROM placement_case WHERE state <> 'open') AS d
    JOIN customer c ON c.id = d.customer_id AND c.source_code = :source
    JOIN placement p ON p.customer_id = c.id AND p.method <> 'pin'
    JOIN intake_row r ON r.import_id = :import_id AND r.source_key = c.source_key
    WHERE c.address IS DISTINCT FROM r.address
), reopened AS (
    UPDATE placement_case k SET state = 'open', opened_at = now() FROM moved WHERE k.customer_id = moved.id
)
UPDATE placement p SET method = 'moved' FROM moved
WHERE p.customer_id = moved.id AND (p.method IN ('choose', 'outside') OR p.method LIKE 'provider:%')
