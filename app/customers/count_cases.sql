-- How many cases of the whole bank wait, by kind and town?
SELECT c.state, c.kind, c.town_code, count(*) AS cases,
    (SELECT min(t.name) FROM place t WHERE t.code = c.town_code AND t.level = 'town') AS town_name
FROM placement_case c
WHERE c.state IN ('open', 'later')
GROUP BY c.state, c.kind, c.town_code
