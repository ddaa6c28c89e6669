-- Which county is the bank's own: the one most of its villages belong to?
SELECT left(code, 6) FROM unit WHERE kind IN ('village', 'community') AND valid @> current_date
GROUP BY left(code, 6) ORDER BY count(*) DESC LIMIT 1
