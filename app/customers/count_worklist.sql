-- How many cases answer to this list's filters?
SELECT count(*)
FROM placement_case c
WHERE c.state = :state AND c.kind = ANY(CAST(:kinds AS text[]))
    AND (CAST(:town AS text) IS NULL OR coalesce(nullif(c.town_code, ''), '-') = :town)
    AND (CAST(:holds AS text) IS NULL
        OR regexp_replace(substring(c.prefix FROM '^[^0-9]*'), '^(.*(村|社区))[^路街道巷弄]+$', '\1') LIKE :holds
        OR EXISTS (SELECT FROM customer cu WHERE cu.id = c.customer_id AND cu.name LIKE :begins))
