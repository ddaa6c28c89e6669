-- The branches below a scoped viewer's own, with it.
SELECT unnest(getu_viewer_branches()) AS id
