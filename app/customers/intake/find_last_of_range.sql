-- Which is the last customer of these numbers?
SELECT max(id) FROM customer WHERE id >= :low AND id < :high
