-- The villages' counts go; they are taken anew in the same transaction.
DELETE FROM village_count
