-- In which grid of the viewer's does a customer stand?
SELECT grid_id FROM assignment WHERE customer_id = :customer_id AND grid_id IS NOT NULL
