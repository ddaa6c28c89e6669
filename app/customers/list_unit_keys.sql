-- Which official places have which key of 64 bits?
SELECT DISTINCT code, hashtextextended(code, 0) AS key FROM unit
