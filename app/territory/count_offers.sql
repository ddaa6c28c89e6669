-- How many offers of a plan in sight wait for an answer, by branch and person?
SELECT b.code AS branch_code, b.name AS branch_name, b.branch_type, a.step, s.code AS staff_code, s.name AS staff_name,
       count(*) AS offers
FROM allotment a
JOIN branch b ON b.id = a.branch_id
LEFT JOIN staff s ON s.id = a.staff_id
WHERE a.plan_id = :plan_id AND a.state = 'offered'
GROUP BY b.code, b.name, b.branch_type, a.step, s.code, s.name
ORDER BY b.code COLLATE "C", s.code COLLATE "C"
