-- Which names and forms are stored, and which corrections are live? Any import and any decision changes this answer.
SELECT n.places, concat_ws('.', n.places, n.newest, a.forms, a.decided_at) AS names, concat_ws('.', c.live, c.ids) AS teachings
FROM (SELECT count(*) AS places, max(id) AS newest FROM place) AS n,
    (SELECT count(*) AS forms, max(decided_at) AS decided_at FROM place_alias WHERE state = 'approved') AS a,
    (SELECT count(*) AS live, sum(id) AS ids FROM place_correction WHERE ended_at IS NULL) AS c
