-- Which gazetteer is stored? Any import changes this answer.
SELECT count(*) AS places, max(id) AS newest FROM place
