-- How many cases answer to this list's filters?
SELECT count(*)
FROM placement_case c
WHERE c.state = :state AND c.kind = ANY(CAST(:kinds AS text[]))
    AND (CAST(:town AS text) IS NULL OR coalesce(nullif(c.town_code, ''), '-') = :town)
    AND (CAST(:holds AS text) IS NULL OR c.prefix LIKE :holds
        OR EXISTS (SELECT FROM customer cu WHERE cu.id = c.customer_id AND cu.name LIKE :begins))
