-- Which cases wait, the likeliest first, a page at a time? `town` '-' asks for those whose town is unknown.
WITH page AS (
    SELECT c.*
    FROM placement_case c
    WHERE c.state = :state AND c.kind = ANY(CAST(:kinds AS text[]))
        AND (CAST(:town AS text) IS NULL OR coalesce(nullif(c.town_code, ''), '-') = :town)
        AND (CAST(:holds AS text) IS NULL
            OR regexp_replace(substring(c.prefix FROM '^[^0-9]*'), '^(.*(村|社区))[^路街道巷弄]+$', '\1') LIKE :holds
            OR EXISTS (SELECT FROM customer n WHERE n.id = c.customer_id AND n.name LIKE :begins))
        AND (CAST(:score AS float8) IS NULL
            OR (c.score, c.customer_id) < (CAST(:score AS float8), CAST(:after AS int8)))
    ORDER BY c.score DESC, c.customer_id DESC
    LIMIT :limit
)
SELECT c.customer_id, cu.name, cu.kind AS customer_kind, cu.standing, s.name AS source, cu.address, c.kind, c.state,
    c.score, c.prefix, c.town_code, c.opened_at,
    coalesce(jsonb_array_length(c.answer -> 'candidates'), 0) AS candidates,
    coalesce(c.answer -> 'warnings', '[]') AS warnings, c.answer ->> 'method' AS method,
    CAST(c.detail ->> 'distance_m' AS float8) AS distance_m,
    (SELECT min(t.name) FROM place t WHERE t.code = c.town_code AND t.level = 'town') AS town
FROM page c
JOIN customer cu ON cu.id = c.customer_id
LEFT JOIN source_system s ON s.code = cu.source_code
ORDER BY c.score DESC, c.customer_id DESC
