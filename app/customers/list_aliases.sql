-- Which written forms are proposed, approved or rejected, and do corrections speak against them?
SELECT a.id, a.alias, a.place_code, a.state, a.corrections, a.proposed_at, a.decided_at, a.decided_by, p.name AS place_name,
    p.level, t.name AS parent_name,
    EXISTS (SELECT FROM place_alias o WHERE o.alias = a.alias AND o.place_code <> a.place_code AND o.state <> 'rejected')
        AS contested
FROM place_alias a
LEFT JOIN LATERAL (SELECT name, level, parent_code FROM place WHERE code = a.place_code ORDER BY id DESC LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT name FROM place WHERE code = p.parent_code ORDER BY id DESC LIMIT 1) t ON true
WHERE CAST(:state AS text) IS NULL OR a.state = :state
ORDER BY a.id DESC LIMIT :limit
