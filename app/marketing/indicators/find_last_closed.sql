-- Which month was closed last?
SELECT max(month) FROM indicator_month
