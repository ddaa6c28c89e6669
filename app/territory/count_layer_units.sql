-- How many units of each kind stand on a day?
SELECT kind, count(*) AS features FROM unit WHERE valid @> CAST(:on AS date) GROUP BY kind
