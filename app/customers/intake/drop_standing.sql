-- The assignments of a block that were made on ground that has changed since.
DELETE FROM assignment_row WHERE customer_id >= :low AND customer_id < :high
