-- How many visits, to how many customers, with how many met, has each grid seen since a moment?
SELECT grid_id, count(*) AS visits, count(DISTINCT customer_id) AS customers,
    count(DISTINCT customer_id) FILTER (WHERE outcome IN ('met', 'signed')) AS met
FROM visit WHERE visited_at >= :since GROUP BY grid_id
