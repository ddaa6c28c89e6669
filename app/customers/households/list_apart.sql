-- Which pairs of customers has somebody set apart?
SELECT customer_a, customer_b FROM household_apart
