-- Which names and forms are stored, and which corrections are live? Any import and any decision changes this answer;
-- so does new ground, for it tells which county is the bank's own.
SELECT n.places, concat_ws('.', n.places, n.newest, a.forms, a.decided_at, u.newest) AS names, concat_ws('.', c.live, c.ids) AS teachings
FROM (SELECT count(*) AS places, max(id) AS newest FROM place) AS n,
    (SELECT count(*) AS forms, max(decided_at) AS decided_at FROM place_alias WHERE state = 'approved') AS a,
    (SELECT concat(count(*), '-', max(id)) AS newest FROM unit WHERE valid @> current_date) AS u,
    (SELECT count(*) AS live, sum(hashint8extended(id, 0)) AS ids FROM place_correction WHERE ended_at IS NULL) AS c
