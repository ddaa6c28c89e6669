-- Which branches may hold ground, and of which type are they?
SELECT code, name, branch_type AS type FROM branch WHERE kind = 'branch' ORDER BY code
