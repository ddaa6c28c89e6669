-- Which state of names is searched? Grids, duties, units, houses and people: any change gives another answer.
SELECT concat_ws('-',
    (SELECT concat(id, '.', ground_version, '.', status, '.', current_date) FROM plan WHERE id = :plan_id),
    (SELECT concat(coalesce(max(id), 0), '.', count(*) FILTER (WHERE upper_inf(recorded))) FROM duty),
    (SELECT concat(count(*), '.', sum(hashtext(concat(id, name, official_name, former_names::text)))) FROM unit),
    (SELECT md5(string_agg(concat(id, code, name, ST_AsText(geom)), ',' ORDER BY id)) FROM branch),
    (SELECT md5(string_agg(concat(id, code, name), ',' ORDER BY id)) FROM staff)
) AS version
