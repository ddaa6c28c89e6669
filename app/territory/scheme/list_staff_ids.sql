-- Which of these people are in sight?
SELECT id, code FROM staff WHERE code = ANY (CAST(:codes AS text[])) ORDER BY code
