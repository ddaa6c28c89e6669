-- Which of these households does nobody but these customers cover in that grid?
WITH asked AS MATERIALIZED (
    SELECT h.grid_key, h.household_no
    FROM unnest(CAST(:grids AS bigint[]), CAST(:homes AS text[])) AS h (grid_key, household_no)
), mine AS MATERIALIZED (
    SELECT id FROM unnest(CAST(:ids AS bigint[])) AS m (id)
), others AS MATERIALIZED (
    SELECT c.household_no, a.grid_key
    FROM (SELECT DISTINCT household_no FROM asked) h
    JOIN customer c ON c.household_no = h.household_no AND c.standing = 'existing' AND c.gone_at IS NULL
        AND NOT EXISTS (SELECT FROM mine WHERE mine.id = c.id)
    JOIN assignment_row a ON a.customer_id = c.id
)
SELECT grid_key, household_no FROM asked EXCEPT SELECT grid_key, household_no FROM others
