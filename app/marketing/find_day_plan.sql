-- Which plan is in force today?
SELECT code FROM plan WHERE status = 'in_force' AND valid @> current_date
