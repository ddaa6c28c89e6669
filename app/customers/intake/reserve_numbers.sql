-- So many numbers of customers who will come into the tail.
SELECT nextval('customer_id_seq') AS id FROM generate_series(1, :count)
