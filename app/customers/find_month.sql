-- The month within which visits count now.
SELECT CAST(date_trunc('month', current_date) AS date) AS month
