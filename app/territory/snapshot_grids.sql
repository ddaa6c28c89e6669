-- Grids as they stand, every column as text that gives the same bytes back, with what hangs on each.
SELECT g.id, (to_jsonb(g) - 'geom' - 'anchor') || jsonb_build_object(
    'geom', CAST(g.geom AS text), 'anchor', CAST(g.anchor AS text),
    'duty', (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.id), '[]') FROM duty d WHERE d.grid_id = g.id),
    'allotment', (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.id), '[]') FROM allotment a WHERE a.grid_id = g.id),
    'grid_post', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.post), '[]') FROM grid_post p WHERE p.grid_id = g.id),
    'grid_target', (SELECT coalesce(jsonb_agg(to_jsonb(t) ORDER BY t.id), '[]') FROM grid_target t WHERE t.grid_id = g.id)
    ) AS state
FROM grid g WHERE g.id = ANY (CAST(:ids AS bigint[]))
ORDER BY g.id
