-- Which decision about households was the last before a run began to read?
SELECT coalesce(max(id), 0) FROM household_step
