-- These customers' telephones get these marks.
UPDATE customer c SET phone_hash = n.mark
FROM unnest(CAST(:ids AS bigint[]), CAST(:marks AS bytea[])) AS n (id, mark) WHERE c.id = n.id
