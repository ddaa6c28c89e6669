-- Which county is the bank's own: the one most of its villages belong to?
SELECT left(code, 6) FROM unit WHERE kind IN ('village', 'community') AND upper_inf(valid)
GROUP BY left(code, 6) ORDER BY count(*) DESC LIMIT 1
