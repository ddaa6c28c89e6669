-- How many members do these households have, whoever may see them? Only the number leaves the house.
SELECT household_id, count(*) AS members FROM household_member
WHERE household_id = ANY(CAST(:household_ids AS bigint[])) GROUP BY household_id
