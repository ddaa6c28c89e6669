-- So many numbers of customers who will come into the tail.
SELECT array_agg(nextval('customer_id_seq')) FROM generate_series(1, :count)
