-- The new tables go, those that point at others first.

DROP TABLE visit_photo;
DELETE FROM visit WHERE customer_id IS NULL;
DROP INDEX ix_visit_staff_id;
ALTER TABLE visit DROP CONSTRAINT ck_visit_kind;
ALTER TABLE visit DROP CONSTRAINT ck_visit_outcome;
ALTER TABLE visit ADD CONSTRAINT ck_visit_outcome CHECK (outcome IN ('met','absent','refused','signed'));
ALTER TABLE visit DROP COLUMN inside_grid, DROP COLUMN clock_off_s, DROP COLUMN phone_at, DROP COLUMN kind;
ALTER TABLE visit ALTER COLUMN customer_id SET NOT NULL;
DROP INDEX ix_customer_name;
DROP TABLE customer_change;
DROP TABLE indicator_month;
DROP FUNCTION getu_keep_month;
